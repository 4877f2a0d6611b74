import Joi from 'joi';
import { certificateFile, oneOf, text, wholeNumber, yesOrNo } from './formats.ts';
import { given, goesWith, keyOf, neededBy, optional, type Row, refusedWhen, secret } from './row.ts';
import { servers, URLS } from './servers.ts';

/** A file for TLS, which `${store}_TLS` has to switch on: else nobody would notice that it counts for nothing. */
function forTls<T>(row: Row<T>, store: 'REDIS' | 'RABBITMQ', url: string): Row<T> {
  const because = `it is for TLS: begin ${store}_URL with ${url}, or set ${store}_TLS to true`;
  return refusedWhen(row, `${store}_TLS`, Joi.valid(false), because);
}

const port = wholeNumber(1, 65_535);
const authority = 'Path of a PEM file with the authority that signed the certificate of';
const databaseOf = 'PostgreSQL with the tables users and projects';

const bySentinels = 'REDIS_SENTINELS is set too, and they say where Redis is; use one of the two';

/** Redis, RabbitMQ and PostgreSQL. */
export const STORE_ROWS = {
  REDIS_URL: secret(
    optional(URLS.REDIS_URL.type, 'Redis, shared with the workers, in the place of the variables below.'),
  ),
  REDIS_HOST: refusedWhen(
    given(text, '127.0.0.1', 'Redis, shared with the workers.'),
    'REDIS_SENTINELS',
    Joi.exist(),
    bySentinels,
  ),
  REDIS_PORT: refusedWhen(given(port, 6379, 'Port of Redis.'), 'REDIS_SENTINELS', Joi.exist(), bySentinels),
  REDIS_USER: optional(text, 'User of Redis. Without it Redis takes its `default`.'),
  REDIS_PASSWORD: secret(optional(text, 'Password of Redis.')),
  REDIS_DB: given(wholeNumber(0, 65_535), 3, 'Number of the Redis database, the same as in the workers.'),
  REDIS_TLS: given(yesOrNo, false, '`true` speaks TLS to Redis, and to the sentinels.'),
  REDIS_CA: forTls(
    optional(certificateFile, `${authority} Redis. Without it the public authorities count.`),
    'REDIS',
    'rediss://',
  ),
  REDIS_CERT: forTls(
    optional(certificateFile, 'Path of the certificate that Tasker shows to Redis.'),
    'REDIS',
    'rediss://',
  ),
  REDIS_KEY: keyOf('REDIS_CERT'),
  REDIS_SENTINELS: optional(
    servers,
    'Sentinels that say where Redis is: they are asked in turn, port 26379.',
  ),
  REDIS_SENTINEL_NAME: goesWith(
    neededBy(optional(text, 'Name that the sentinels have for this Redis.'), 'REDIS_SENTINELS'),
    'REDIS_SENTINELS',
  ),
  REDIS_SENTINEL_PASSWORD: secret(
    goesWith(optional(text, 'Password of the sentinels themselves.'), 'REDIS_SENTINELS'),
  ),
  RABBITMQ_URL: secret(
    optional(
      URLS.RABBITMQ_URL.type,
      'RabbitMQ, shared with the workers, in the place of the variables below; several hosts with commas between.',
    ),
  ),
  RABBITMQ_TLS: given(yesOrNo, false, '`true` speaks TLS to RabbitMQ.'),
  RABBITMQ_HOST: given(
    servers,
    '127.0.0.1',
    'RabbitMQ, shared with the workers. Several nodes of a cluster are tried in turn.',
  ),
  RABBITMQ_PORT: given(
    port,
    ({ RABBITMQ_TLS: tls }) => (String(tls) === 'true' ? 5671 : 5672),
    'AMQP port of RabbitMQ.',
    '5672; with TLS 5671',
  ),
  RABBITMQ_USER: given(text, 'guest', 'User of RabbitMQ.'),
  RABBITMQ_PASSWORD: secret(given(text, 'guest', 'Password of RabbitMQ.')),
  RABBITMQ_VHOST: given(text, '/', 'Virtual host of RabbitMQ.'),
  RABBITMQ_CA: forTls(
    optional(certificateFile, `${authority} RabbitMQ. Without it the public authorities count.`),
    'RABBITMQ',
    'amqps://',
  ),
  RABBITMQ_CERT: forTls(
    optional(certificateFile, 'Path of the certificate that Tasker shows to RabbitMQ.'),
    'RABBITMQ',
    'amqps://',
  ),
  RABBITMQ_KEY: keyOf('RABBITMQ_CERT'),
  POSTGRES_HOST: neededBy(optional(text, `${databaseOf}.`), 'AUTH_PROVIDER', 'postgres'),
  POSTGRES_PORT: given(port, 5432, 'Port of PostgreSQL.'),
  POSTGRES_USER: neededBy(optional(text, 'User of PostgreSQL.'), 'AUTH_PROVIDER', 'postgres'),
  POSTGRES_PASSWORD: secret(optional(text, 'Password of PostgreSQL.')),
  POSTGRES_DB: neededBy(optional(text, 'Name of the PostgreSQL database.'), 'AUTH_PROVIDER', 'postgres'),
  POSTGRES_SSL: given(
    oneOf('disable', 'require', 'verify-ca', 'verify-full'),
    'disable',
    'TLS to PostgreSQL: `require` checks no certificate, `verify-ca` who signed it, `verify-full` its name too.',
  ),
  POSTGRES_CA: refusedWhen(
    optional(certificateFile, `${authority} PostgreSQL. Without it the public authorities count.`),
    'POSTGRES_SSL',
    Joi.valid('disable', 'require'),
    'it counts only when POSTGRES_SSL is verify-ca or verify-full',
  ),
  POSTGRES_CERT: refusedWhen(
    optional(certificateFile, 'Path of the certificate that Tasker shows to PostgreSQL.'),
    'POSTGRES_SSL',
    Joi.valid('disable'),
    'it is for TLS, and POSTGRES_SSL is disable',
  ),
  POSTGRES_KEY: keyOf('POSTGRES_CERT'),
};
