import { messageOf } from '../runtime/errors.ts';
import { matching, type TlsFiles } from './formats.ts';
import { serversIn } from './servers.ts';
import type { Settings } from './variables.ts';

/** The stores behind Tasker, as {@link Config} has them. PEM texts, not paths. */
export interface ClientTls {
  /** Authorities that are trusted; absent: the public ones. */
  ca?: string;
  /** What we show, with its key. */
  cert?: string;
  key?: string;
}

interface Address {
  host: string;
  port: number;
}

export interface RedisConfig extends Address {
  user?: string;
  password?: string;
  db: number;
  tls?: ClientTls;
  /** They are asked where Redis is; `host` and `port` count for nothing then. */
  sentinel?: { servers: Address[]; name: string; password?: string };
}

export interface RabbitmqConfig extends Address {
  /** Nodes of the same cluster: asked in turn when that one does not answer. */
  others?: Address[];
  user: string;
  password: string;
  vhost: string;
  tls?: ClientTls;
}

export interface PostgresConfig extends Address {
  user: string;
  password: string;
  database: string;
  tls?: ClientTls & {
    /** What of the server's certificate is checked: nothing, its authority, or its name as well. */
    verify: 'nothing' | 'authority' | 'name';
  };
}

const SENTINEL_PORT = 26_379;

/** All of these throw when a certificate and its key do not belong together. */
export function redisOf(settings: Settings): RedisConfig {
  const { REDIS_USER: user, REDIS_PASSWORD: password, REDIS_SENTINELS: sentinels } = settings;
  const sentinelPassword = settings.REDIS_SENTINEL_PASSWORD;
  return {
    host: settings.REDIS_HOST,
    port: settings.REDIS_PORT,
    ...(user && { user }),
    ...(password && { password }),
    db: settings.REDIS_DB,
    ...(settings.REDIS_TLS && {
      tls: clientTls('REDIS', settings.REDIS_CA, settings.REDIS_CERT, settings.REDIS_KEY),
    }),
    ...(sentinels && {
      sentinel: {
        servers: addresses(sentinels, SENTINEL_PORT),
        name: settings.REDIS_SENTINEL_NAME ?? '',
        ...(sentinelPassword && { password: sentinelPassword }),
      },
    }),
  };
}

export function rabbitmqOf(settings: Settings): RabbitmqConfig {
  const [first, ...others] = addresses(settings.RABBITMQ_HOST, settings.RABBITMQ_PORT);
  return {
    host: first?.host ?? '',
    port: first?.port ?? 0,
    ...(others.length > 0 && { others }),
    user: settings.RABBITMQ_USER,
    password: settings.RABBITMQ_PASSWORD,
    vhost: settings.RABBITMQ_VHOST,
    ...(settings.RABBITMQ_TLS && {
      tls: clientTls('RABBITMQ', settings.RABBITMQ_CA, settings.RABBITMQ_CERT, settings.RABBITMQ_KEY),
    }),
  };
}

const VERIFIED = { require: 'nothing', 'verify-ca': 'authority', 'verify-full': 'name' } as const;

/** The empty texts are for the compiler: the schema has made sure of the variables that are needed. */
export function postgresOf(settings: Settings): PostgresConfig {
  const { POSTGRES_SSL: ssl, POSTGRES_CA: ca, POSTGRES_CERT: cert, POSTGRES_KEY: key } = settings;
  return {
    host: settings.POSTGRES_HOST ?? '',
    port: settings.POSTGRES_PORT,
    user: settings.POSTGRES_USER ?? '',
    password: settings.POSTGRES_PASSWORD ?? '',
    database: settings.POSTGRES_DB ?? '',
    ...(ssl !== 'disable' && { tls: { verify: VERIFIED[ssl], ...clientTls('POSTGRES', ca, cert, key) } }),
  };
}

function addresses(typed: string, port: number): Address[] {
  return serversIn(typed).map((server) => ({ port, ...server }));
}

function clientTls(prefix: string, ca?: string, cert?: string, key?: string): ClientTls {
  return { ...(ca && { ca }), ...(cert && key && pairOf(prefix, { cert, key })) };
}

/** @throws Error that names the variables when the key is not the certificate's */
export function pairOf(prefix: string, pair: TlsFiles): TlsFiles {
  try {
    return matching(pair);
  } catch (error) {
    throw new Error(`${prefix}_KEY does not fit ${prefix}_CERT: ${messageOf(error)}`);
  }
}
