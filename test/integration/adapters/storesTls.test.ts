/** Redis, RabbitMQ and PostgreSQL over TLS, with certificates on both sides, and what is said when one is wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../../../src/adapters/auth/postgres.ts';
import { createBroker } from '../../../src/adapters/rabbitmq/broker.ts';
import { connectRedis, untilReady } from '../../../src/adapters/redis/redis.ts';
import { certificateEnd } from '../../../src/adapters/tls/certificate.ts';
import type { ClientTls, PostgresConfig } from '../../../src/config/config.ts';
import { messageOf } from '../../../src/runtime/errors.ts';
import { freePort } from '../../../tools/services/ports.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { linesLog, rabbitmqConfig } from '../../support/broker.ts';
import { certificateAuthority, selfSignedCertificate } from '../../support/certificate.ts';
import { eventually, services } from '../../support/services.ts';

let directory: string;
let strangers: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-tls-'));
  strangers = (await selfSignedCertificate()).cert;
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What each store is asked with, and what it says when that is wrong. */
const WRONG: readonly [what: string, wrong: (tls: ClientTls) => ClientTls, host: string, says: RegExp][] = [
  [
    'an authority that it does not know',
    (tls) => ({ ...tls, ca: strangers }),
    '127.0.0.1',
    /_CA to the path/,
  ],
  ['another name', (tls) => tls, 'localhost', /is for another name than that in \w+_HOST/],
  ['no certificate of ours', ({ ca = '' }) => ({ ca }), '127.0.0.1', /set \w+_CERT and \w+_KEY/],
];

async function closed(server: Server | ReturnType<typeof createServer>): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

/** Shows a certificate that has ended, and speaks no protocol: nobody should come so far. */
async function expiredServer(): Promise<{ port: number; ca: string; close: () => Promise<void> }> {
  const authority = await certificateAuthority();
  const server = createTlsServer(await authority.issue({ expired: true }));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return { port, ca: authority.cert, close: () => closed(server) };
}

describe('Redis', () => {
  let port: number;
  let stop: () => Promise<void>;
  let right: ClientTls;
  beforeAll(async () => {
    // The same certificate on both sides, for the address only.
    const authority = await certificateAuthority();
    const issued = await authority.issue({ commonName: 'stores', altNames: 'IP:127.0.0.1' });
    right = { ca: authority.cert, ...issued };
    const tls = { ca: authority.cert, ...issued };
    ({ port, stop } = await startRedis({ directory: join(directory, 'redis'), tls, password: 'hush' }));
  });
  afterAll(() => stop());

  /** The reason in the log, or undefined when it answers. */
  async function reasonOf(tls: ClientTls, host = '127.0.0.1', at = port): Promise<string | undefined> {
    const { log, lines } = linesLog();
    const redis = connectRedis({ host, port: at, password: 'hush', db: 0, tls }, 'request', log);
    try {
      return await Promise.race([
        untilReady(redis, 30_000)
          .then(() => redis.ping())
          .then(() => undefined),
        eventually('a line in the log', () => lines.find((line) => line.includes('does not answer'))),
      ]);
    } finally {
      redis.disconnect();
    }
  }

  it('is spoken to over TLS', async () => expect(await reasonOf(right)).toBeUndefined());

  it.each(WRONG)('with %s is not, and the log says what to do', async (_, wrong, host, says) =>
    expect(await reasonOf(wrong(right), host)).toMatch(says),
  );

  it('with a certificate that has ended is not', async () => {
    const server = await expiredServer();
    const reason = await reasonOf({ ca: server.ca }, '127.0.0.1', server.port);
    await server.close();
    expect(reason).toContain("the server's certificate has expired");
  });
});

describe('RabbitMQ', () => {
  const config = () => ({ ...rabbitmqConfig('/'), port: services().rabbitmq.tlsPort, tls: services().tls });

  async function reasonOf(more: object): Promise<string | undefined> {
    const { log, lines } = linesLog();
    const broker = createBroker({ config: { ...config(), ...more }, log });
    try {
      return await eventually(
        'it connects, or says why not',
        () => (broker.connected && 'connected') || lines.find((line) => line.includes('RabbitMQ is away')),
      );
    } finally {
      await broker.close();
    }
  }

  it('is spoken to over TLS', async () => expect(await reasonOf({})).toBe('connected'));

  it.each(WRONG)('with %s is not, and the log says what to do', async (_, wrong, host, says) =>
    expect(await reasonOf({ host, tls: wrong(services().tls) })).toMatch(says),
  );

  it('with a certificate that has ended is not', async () => {
    const server = await expiredServer();
    const reason = await reasonOf({ port: server.port, tls: { ca: server.ca } });
    await server.close();
    expect(reason).toContain("the server's certificate has expired");
  });

  it('without TLS at that port is told from one with', async () =>
    expect(await reasonOf({ port: services().rabbitmq.port })).toContain('does not speak TLS on this port'));

  it('is found at its second address when nobody is at the first', async () => {
    const dead = await freePort();
    const { host, port, ...rest } = config();
    const others = [{ host, port }];
    expect(await reasonOf({ ...rest, host: '127.0.0.1', port: dead, others })).toBe('connected');
    const reason = await reasonOf({ ...rest, host: 'localhost', others: [{ host, port: dead }] });
    expect(reason).toMatch(
      new RegExp(`localhost:${port}: .*another name.*; 127.0.0.1:${dead}: .*ECONNREFUSED`),
    );
    expect(reason).not.toContain(rest.password);
  });
});

describe('PostgreSQL', () => {
  /** What it is away for, or undefined. */
  async function reasonOf(tls: PostgresConfig['tls'], more: Partial<PostgresConfig> = {}) {
    const { host, port, user, password } = services().postgres;
    const place = { host, port, user, password, database: 'postgres', ...more };
    const database = createDatabase({ ...place, ...(tls && { tls }) }, linesLog().log);
    try {
      const [row] = await database.rows('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', []);
      expect(row).toEqual({ ssl: tls !== undefined });
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      await database.close();
    }
  }

  it('is spoken to over TLS, and without', async () => {
    expect(await reasonOf({ verify: 'name', ...services().tls })).toBeUndefined();
    expect(await reasonOf(undefined)).toBeUndefined();
  });

  it.each(WRONG)('with %s is not, and the error says what to do', async (_, wrong, host, says) =>
    expect(await reasonOf({ verify: 'name', ...wrong(services().tls) }, { host })).toMatch(says),
  );

  it('is believed without its name, or whoever it is, where the mode says so', async () => {
    const { tls } = services();
    expect(await reasonOf({ verify: 'authority', ...tls }, { host: 'localhost' })).toBeUndefined();
    expect(await reasonOf({ verify: 'authority', ...tls, ca: strangers })).toContain('POSTGRES_CA');
    const { cert, key } = tls;
    expect(await reasonOf({ verify: 'nothing', cert, key }, { host: 'localhost' })).toBeUndefined();
  });
});

it('the end of a certificate is seen, also of PostgreSQL, which begins without TLS', async () => {
  const { tls, rabbitmq, postgres } = services();
  const days = (end: Date) => (end.getTime() - Date.now()) / 86_400_000;
  const host = '127.0.0.1';
  expect(days(await certificateEnd({ host, port: rabbitmq.tlsPort, tls }))).toBeGreaterThan(1);
  expect(days(await certificateEnd({ host, port: postgres.port, tls, postgres: true }))).toBeGreaterThan(1);
  const server = await expiredServer();
  expect(days(await certificateEnd({ host, port: server.port, tls: {} }))).toBeLessThan(0);
  await server.close();
  await expect(certificateEnd({ host, port: server.port, tls })).rejects.toThrow('ECONNREFUSED');
});
