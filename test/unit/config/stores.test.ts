/** How Redis, RabbitMQ and PostgreSQL are named: URLs, variables, files with secrets, certificates. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { selfSignedCertificate } from '../../support/certificate.ts';

let directory: string;
const path = (name: string) => join(directory, name);
const file = (name: string, content: string) => {
  writeFileSync(path(name), content);
  return path(name);
};

let pair: { cert: string; key: string };
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-stores-'));
  const made = await selfSignedCertificate();
  pair = { cert: file('cert.pem', made.cert), key: file('key.pem', made.key) };
});
afterAll(() => rmSync(directory, { recursive: true }));

type Env = Record<string, string>;

function configOf(env: Env) {
  const result = readConfig(env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
}

function faultsOf(env: Env): string[] {
  const result = readConfig(env);
  return result.ok ? [] : result.faults;
}

const POSTGRES = { POSTGRES_HOST: 'db', POSTGRES_USER: 'u', POSTGRES_DB: 'd', POSTGRES_PASSWORD: 'p' };
const postgresOf = (env: Env) => {
  const { auth } = configOf({ ...POSTGRES, ...env });
  return auth.provider === 'postgres' ? auth.postgres : undefined;
};

describe('a URL', () => {
  it.each<[string, object]>([
    ['redis://redis', { host: 'redis', port: 6379, db: 3 }],
    ['redis://:p%40ss@redis:6380/7', { host: 'redis', port: 6380, db: 7, password: 'p@ss' }],
    [
      'rediss://app:a:b@[::1]:6380',
      { host: '::1', port: 6380, db: 3, user: 'app', password: 'a:b', tls: {} },
    ],
    ['redis://redis/', { host: 'redis', port: 6379, db: 3 }],
  ])('says where Redis is: %s', (url, redis) => expect(configOf({ REDIS_URL: url }).redis).toEqual(redis));

  it.each<[string, object]>([
    ['amqp://mq', { host: 'mq', port: 5672, user: 'guest', password: 'guest', vhost: '/' }],
    [
      'amqps://u:p%2Fq@mq/scans',
      { host: 'mq', port: 5671, user: 'u', password: 'p/q', vhost: 'scans', tls: {} },
    ],
    ['amqp://u:p@mq//', { host: 'mq', port: 5672, user: 'u', password: 'p', vhost: '/' }],
    [
      'amqps://u:p@a:5671,[::1]:5673,c/%2Fx',
      {
        ...{ host: 'a', port: 5671, user: 'u', password: 'p', vhost: '/x', tls: {} },
        others: [
          { host: '::1', port: 5673 },
          { host: 'c', port: 5671 },
        ],
      },
    ],
  ])('says where RabbitMQ is: %s', (url, rabbitmq) =>
    expect(configOf({ RABBITMQ_URL: url }).rabbitmq).toEqual(rabbitmq),
  );

  it.each([
    ['REDIS_URL', 'http://redis', 'another protocol'],
    ['REDIS_URL', 'redis', 'it does not begin like a URL'],
    ['REDIS_URL', 'redis://a,b', 'it names several hosts'],
    ['REDIS_URL', 'redis://a/first', 'only a slash and the number of a database may follow'],
    ['REDIS_URL', 'redis://a?db=1', '"?" and "#" do not belong into it'],
    ['REDIS_URL', 'redis://:hush%@a', 'itself it is %25'],
    ['REDIS_URL', 'redis://:hush@b@a', 'there is no host:port in it'],
    ['REDIS_URL', 'redis://x:12/hush@a', 'there is no host:port in it'],
    ['REDIS_URL', 'redis://a:0', 'there is no host:port in it'],
    ['RABBITMQ_URL', 'amqp://u:12/hush@a', 'there is no host:port in it'],
    ['RABBITMQ_URL', 'amqp://u:hush@a/', 'it ends with a slash'],
    ['RABBITMQ_URL', 'amqp://a,,b', 'there is no host:port in it'],
  ])('%s that cannot be read is refused without being shown: %s', (name, url, why) => {
    const faults = faultsOf({ [name]: url });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} is set \\(not shown\\): it must be `));
    expect(faults[0]).toContain(why);
    expect(faults[0]).not.toContain('hush');
  });

  it('may say the same as a variable, and nothing else', () => {
    const url = 'rediss://:hush@redis:6380/4';
    const same = {
      REDIS_HOST: 'redis',
      REDIS_PORT: '6380',
      REDIS_PASSWORD: 'hush',
      REDIS_DB: '4',
      REDIS_TLS: 'on',
    };
    expect(configOf({ REDIS_URL: url, ...same }).redis).toEqual(configOf({ REDIS_URL: url }).redis);
    expect(
      faultsOf({ REDIS_URL: url, REDIS_HOST: 'other', REDIS_TLS: 'no', REDIS_PASSWORD: 'quiet' }),
    ).toEqual([
      'REDIS_HOST is "other", and REDIS_URL says "redis"; leave one of them out',
      'REDIS_TLS is "no", and REDIS_URL says "true"; leave one of them out',
      'REDIS_PASSWORD is set, and REDIS_URL has another one (neither is shown); leave one of them out',
    ]);
    expect(faultsOf({ RABBITMQ_URL: 'amqp://a,b', RABBITMQ_HOST: 'a' })).toEqual([
      'RABBITMQ_HOST is "a", and RABBITMQ_URL says "a,b"; leave one of them out',
    ]);
    expect(configOf({ RABBITMQ_URL: 'amqps://mq', RABBITMQ_PORT: '5673' }).rabbitmq.port).toBe(5673);
  });

  it('is named when a part of it is wrong', () =>
    expect(faultsOf({ REDIS_URL: 'redis://a/99999' })).toEqual([
      'REDIS_DB (from REDIS_URL) is "99999": it must be a whole number from 0 to 65535',
    ]));
});

describe('a secret in a file', () => {
  it('is read without the line end that editors write, and no more is taken away', () => {
    expect(configOf({ REDIS_PASSWORD_FILE: file('a', ' hush \n') }).redis.password).toBe(' hush ');
    expect(configOf({ redis_password_file: file('a', 'hush\r\n') }).redis.password).toBe('hush');
    expect(configOf({ RABBITMQ_PASSWORD_FILE: file('a', 'hush\n\n') }).rabbitmq.password).toBe('hush\n');
    expect(configOf({ REDIS_URL_FILE: file('a', 'redis://:hush@r\n') }).redis).toMatchObject({ host: 'r' });
    expect(configOf({ TASKER_TOKEN_FILE: file('a', 't'.repeat(20)) }).auth).toMatchObject({
      token: 't'.repeat(20),
    });
  });

  it('is refused beside the variable itself, when it cannot be read, and when nothing is in it', () => {
    const name = file('a', 'hush');
    expect(faultsOf({ REDIS_PASSWORD: 'quiet', REDIS_PASSWORD_FILE: name })).toEqual([
      'REDIS_PASSWORD and REDIS_PASSWORD_FILE are both set; use one of the two',
    ]);
    expect(faultsOf({ POSTGRES_PASSWORD_FILE: path('absent') })[0]).toMatch(
      /^POSTGRES_PASSWORD_FILE is ".*absent": it must be the path of a file with the secret \(ENOENT/,
    );
    expect(faultsOf({ TASKER_TOKEN_FILE: file('empty', '\n') })[0]).toContain('(it is empty)');
    expect(faultsOf({ TASKER_TOKEN_FILE: name })).toEqual([
      expect.stringMatching(
        /^TASKER_TOKEN \(from TASKER_TOKEN_FILE\) is set \(not shown\): it must be at least 16/,
      ),
    ]);
  });

  it('counts only for secrets', () => {
    expect(configOf({ REDIS_HOST_FILE: path('absent') }).redis.host).toBe('127.0.0.1');
  });
});

describe('sentinels', () => {
  const sentinels = { REDIS_SENTINELS: 's1, s2:26380', REDIS_SENTINEL_NAME: 'scans' };

  it('say where Redis is; user, password and database stay what the variables say', () => {
    const { redis } = configOf({
      ...sentinels,
      REDIS_SENTINEL_PASSWORD: 'sp',
      REDIS_PASSWORD: 'rp',
      REDIS_DB: '5',
    });
    expect(redis).toMatchObject({ password: 'rp', db: 5 });
    expect(redis.sentinel).toEqual({
      servers: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26380 },
      ],
      name: 'scans',
      password: 'sp',
    });
  });

  it('stand for the host, so both are refused', () => {
    expect(faultsOf({ ...sentinels, REDIS_HOST: 'redis' })).toEqual([
      'REDIS_HOST is "redis": REDIS_SENTINELS is set too, and they say where Redis is; use one of the two',
    ]);
    expect(faultsOf({ ...sentinels, REDIS_URL: 'redis://redis' })[0]).toMatch(
      /^REDIS_HOST \(from REDIS_URL\)/,
    );
  });

  it('need the name that they have for Redis, which is nothing without them', () => {
    expect(faultsOf({ REDIS_SENTINELS: 's1' })).toEqual([
      'REDIS_SENTINEL_NAME is missing: REDIS_SENTINELS needs it',
    ]);
    expect(faultsOf({ REDIS_SENTINEL_NAME: 'scans' })).toEqual([
      'REDIS_SENTINEL_NAME is "scans": it goes with REDIS_SENTINELS, which is missing',
    ]);
    expect(faultsOf({ ...sentinels, REDIS_SENTINELS: 's1,,s2' })[0]).toContain(
      '"" is no host and no host:port',
    );
    expect(faultsOf({ ...sentinels, REDIS_SENTINELS: 's1:70000' })[0]).toContain('has no such port');
  });
});

describe('certificates', () => {
  it('are read for each store', () => {
    const [cert, key] = [readFileSync(pair.cert, 'utf8'), readFileSync(pair.key, 'utf8')];
    const files = { ca: cert, cert, key };
    const env = (store: string) => ({
      [`${store}_CA`]: pair.cert,
      [`${store}_CERT`]: pair.cert,
      [`${store}_KEY`]: pair.key,
    });
    expect(configOf({ REDIS_URL: 'rediss://r', ...env('REDIS') }).redis.tls).toEqual(files);
    expect(configOf({ RABBITMQ_TLS: 'true', ...env('RABBITMQ') }).rabbitmq).toMatchObject({
      tls: files,
      port: 5671,
    });
    expect(postgresOf({ POSTGRES_SSL: 'verify-full', ...env('POSTGRES') })?.tls).toEqual({
      verify: 'name',
      ...files,
    });
  });

  it('of PostgreSQL are checked as much as its mode says', () => {
    expect(postgresOf({})).toEqual({ host: 'db', port: 5432, user: 'u', password: 'p', database: 'd' });
    expect(postgresOf({ POSTGRES_SSL: 'require' })?.tls).toEqual({ verify: 'nothing' });
    expect(postgresOf({ POSTGRES_SSL: 'Verify-CA' })?.tls).toEqual({ verify: 'authority' });
  });

  it('are refused where nobody would look at them', () => {
    expect(faultsOf({ REDIS_CA: pair.cert })[0]).toMatch(
      /: it is for TLS: begin REDIS_URL with rediss:\/\/, or set/,
    );
    expect(faultsOf({ REDIS_URL: 'redis://r', REDIS_CA: pair.cert })).toHaveLength(1);
    expect(faultsOf({ RABBITMQ_CERT: pair.cert, RABBITMQ_KEY: pair.key })).toHaveLength(1);
    expect(faultsOf({ ...POSTGRES, POSTGRES_SSL: 'require', POSTGRES_CA: pair.cert })[0]).toMatch(
      /: it counts only when POSTGRES_SSL is verify-ca or verify-full$/,
    );
    expect(faultsOf({ ...POSTGRES, POSTGRES_CERT: pair.cert, POSTGRES_KEY: pair.key })).toHaveLength(1);
    expect(faultsOf({ REDIS_TLS: 'true', REDIS_KEY: pair.key })[0]).toMatch(
      /: it goes with REDIS_CERT, which is/,
    );
    expect(faultsOf({ REDIS_TLS: 'true', REDIS_CERT: pair.cert })).toEqual([
      'REDIS_KEY is missing: REDIS_CERT needs it',
    ]);
  });

  it('have to fit their keys', async () => {
    const other = file('other.pem', (await selfSignedCertificate()).key);
    expect(faultsOf({ RABBITMQ_TLS: '1', RABBITMQ_CERT: pair.cert, RABBITMQ_KEY: other })).toEqual([
      'RABBITMQ_KEY does not fit RABBITMQ_CERT: certificate and key do not belong together',
    ]);
  });
});

describe('in production', () => {
  const production = { ENVIRONMENT: 'production' };

  it('a password that everybody knows is refused, unless the store is on this machine', () => {
    expect(faultsOf({ ...production, RABBITMQ_HOST: 'localhost,mq' })).toEqual([
      'RABBITMQ_PASSWORD is a default that everybody knows, and RABBITMQ_HOST is another machine (mq): ENVIRONMENT production needs another password, there and here',
    ]);
    expect(faultsOf({ ...production, RABBITMQ_URL: 'amqp://tasker:postgres@10.0.0.1' })).toHaveLength(1);
    expect(faultsOf({ ...production, ...POSTGRES, POSTGRES_PASSWORD: 'postgres' })[0]).toMatch(
      /^POSTGRES_PASSWORD/,
    );
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'LOCALHOST'])
      expect(faultsOf({ ...production, RABBITMQ_HOST: host })).toEqual([]);
  });

  it('one that was chosen is fine, and so is any without users in PostgreSQL or elsewhere', () => {
    expect(faultsOf({ ...production, RABBITMQ_URL: 'amqp://guest:chosen@mq' })).toEqual([]);
    const unused = { ...POSTGRES, POSTGRES_PASSWORD: 'postgres', AUTH_PROVIDER: 'static' };
    expect(faultsOf({ ...production, ...unused })).toEqual([]);
    expect(faultsOf({ RABBITMQ_HOST: 'mq' })).toEqual([]);
  });
});
