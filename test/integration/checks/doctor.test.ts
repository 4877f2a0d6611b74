/** The doctor looks at real stores, good ones and bad ones, as the operator's environment names them. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { StartStore } from '../../../src/adapters/workers/startStore.ts';
import { runDoctor } from '../../../src/checks/doctor.ts';
import type { Finding } from '../../../src/checks/finding.ts';
import { tellFindings } from '../../../src/checks/startUp.ts';
import { readConfig } from '../../../src/config/config.ts';
import { freePort } from '../../../tools/services/ports.ts';
import { type RedisServer, startRedis } from '../../../tools/services/redis.ts';
import { linesLog } from '../../support/broker.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { eventually, ownDatabase, services } from '../../support/services.ts';
import { startStandInLedger } from '../../support/standInLedger.ts';

const HOST = '127.0.0.1';
/** Closed again as soon as it was found to be free. */
let nobody: string;
let directory: string;
let good: RedisServer;
let bad: RedisServer;
let dns: DnsServer;
let env: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-doctor-'));
  nobody = String(await freePort());
  [good, bad, dns] = await Promise.all([
    startRedis({ directory: join(directory, 'good'), appendonly: true }),
    startRedis({ directory: join(directory, 'bad'), lines: ['maxmemory-policy allkeys-lru'] }),
    startDnsServer({ zone: [] }),
  ]);
  const admin = new Redis({ host: HOST, port: bad.port });
  await admin.acl('SETUSER', 'silent', 'on', '>hush', '~*', '&*', '+@all', '-info', '-config');
  admin.disconnect();
  const { rabbitmq } = services();
  env = {
    REDIS_URL: `redis://${HOST}:${good.port}`,
    RABBITMQ_URL: `amqp://${rabbitmq.user}:${rabbitmq.password}@${HOST}:${rabbitmq.port}`,
    DNS_SERVERS: `${HOST}:${dns.port}`,
  };
});
afterAll(async () => {
  await Promise.all([good?.kill(), bad?.kill(), dns?.stop()]);
  rmSync(directory, { recursive: true });
});

async function doctor(more: Record<string, string> = {}) {
  let text = '';
  const isWell = await runDoctor({ ...env, ...more }, (written) => (text += written), { json: true });
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  const named = (what: string) => findings.find((finding) => finding.what === what);
  const states = Object.fromEntries(findings.map(({ what, state }) => [what, state]));
  return { isWell, text, named, states };
}

describe('the doctor', () => {
  it('finds nothing to change where all is well, and says what nobody can know', async () => {
    const { isWell, states } = await doctor();
    expect(states).toEqual({
      'Node.js': 'ok',
      settings: 'ok',
      Redis: 'ok',
      'Redis version': 'ok',
      'Redis eviction': 'ok',
      'Redis persistence': 'ok',
      clock: 'ok',
      'long scans': 'ok',
      RabbitMQ: 'ok',
      'RabbitMQ version': 'ok',
      'RabbitMQ consumer_timeout': 'unknown',
      ledger: 'ok',
      users: 'ok',
      [`name server ${HOST}:${dns.port}`]: 'ok',
    });
    expect(isWell).toBe(true);
  });

  it('names the line to change of a Redis that drops keys and keeps nothing', async () => {
    const { isWell, named } = await doctor({ REDIS_URL: `redis://${HOST}:${bad.port}` });
    expect(isWell).toBe(false);
    expect(named('Redis eviction')).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('maxmemory-policy is allkeys-lru'),
      todo: expect.stringContaining('"maxmemory-policy noeviction"'),
    });
    expect(named('Redis persistence')).toMatchObject({ todo: expect.stringContaining('"appendonly yes"') });
  });

  it('sees that RabbitMQ gave a task out a second time, by what its workers have noted', async () => {
    const redis = new Redis({ host: HOST, port: good.port, db: 3 });
    const task = randomUUID();
    const begun = Math.floor(Date.now() / 1_000) - 3_000;
    const keys: string[] = [];
    for (const [worker, at] of [
      ['worker-1', begun],
      ['worker-2', begun + 1_830],
    ] as const) {
      keys.push(workerKeys.running(task, worker));
      await redis.rpush(keys.at(-1) ?? '', JSON.stringify({ ip: '8.8.8.8', worker, started_at: at }));
    }
    await redis.hset(workerKeys.task(task), 'ip', '8.8.8.8');
    await new StartStore(redis).note(keys);
    const { isWell, named } = await doctor();
    await redis.flushdb();
    redis.disconnect();
    expect(named('long scans')).toMatchObject({
      state: 'warning',
      found: expect.stringContaining(`task ${task} was begun by worker-1, and 30 minutes later by worker-2`),
      todo: named('RabbitMQ consumer_timeout')?.todo,
    });
    expect(isWell).toBe(false);
  });

  it('says of a Redis that tells nothing of itself that it does not, and finds nothing wrong in that', async () => {
    const { isWell, states } = await doctor({ REDIS_URL: `redis://silent:hush@${HOST}:${bad.port}` });
    for (const what of ['version', 'eviction', 'persistence'])
      expect(states[`Redis ${what}`]).toBe('unknown');
    expect(states.Redis).toBe('ok');
    expect(isWell).toBe(true);
  });

  it('says of everything that is away where it was looked for, and never a secret', async () => {
    const { isWell, text, states, named } = await doctor({
      REDIS_URL: `redis://:hush@${HOST}:${nobody}`,
      RABBITMQ_URL: `amqp://u:quiet@${HOST}:${nobody},localhost:${nobody}`,
      DNS_SERVERS: `${HOST}:${dns.port},${HOST}:${nobody}`,
      SCANLEDGER_BASE_URL: `http://${HOST}:${nobody}`,
      TASKER_AUTH_TOKEN: 'whisper',
    });
    expect(isWell).toBe(false);
    expect(named('RabbitMQ')).toMatchObject({
      state: 'broken',
      found: expect.stringMatching(new RegExp(`${HOST}:${nobody}: .*ECONNREFUSED.*; localhost:${nobody}: `)),
      todo: expect.stringContaining('RABBITMQ_URL'),
    });
    expect(named('Redis')).toMatchObject({ state: 'broken', found: expect.stringContaining('ECONNREFUSED') });
    expect(states).toMatchObject({
      ledger: 'broken',
      users: 'broken',
      [`name server ${HOST}:${dns.port}`]: 'ok',
      [`name server ${HOST}:${nobody}`]: 'broken',
    });
    expect(text).not.toMatch(/hush|quiet|whisper/);
  });

  it('asks the users and the ledger with what Tasker has', async () => {
    const { database, drop } = await ownDatabase();
    const ledger = await startStandInLedger({ users: { 'own-token': { admin: true } } });
    const { port, user, password } = services().postgres;
    try {
      const { states, named } = await doctor({
        POSTGRES_HOST: HOST,
        POSTGRES_PORT: String(port),
        POSTGRES_USER: user,
        POSTGRES_PASSWORD: password,
        POSTGRES_DB: database,
        SCANLEDGER_BASE_URL: ledger.baseUrl,
        TASKER_AUTH_TOKEN: 'own-token',
      });
      expect(states.ledger).toBe('ok');
      expect(named('users')).toMatchObject({
        state: 'broken',
        found: expect.stringContaining('has no table users'),
      });
    } finally {
      await ledger.stop();
      await drop();
    }
  });

  it('warns of certificates that end soon, ours and theirs', async () => {
    const { tls, rabbitmq } = services();
    const write = (name: string, pem: string) => {
      writeFileSync(join(directory, name), pem);
      return join(directory, name);
    };
    const { isWell, named } = await doctor({
      RABBITMQ_URL: `amqps://guest:guest@${HOST}:${rabbitmq.tlsPort}`,
      RABBITMQ_CA: write('ca.pem', tls.ca),
      RABBITMQ_CERT: write('cert.pem', tls.cert),
      RABBITMQ_KEY: write('key.pem', tls.key),
    });
    for (const whose of ['RabbitMQ', 'Tasker for RabbitMQ'])
      expect(named(`certificate of ${whose}`)).toMatchObject({
        state: 'warning',
        found: expect.stringMatching(/^ends on 20\d\d-\d\d-\d\d, in 1 days$/),
        todo: 'renew it',
      });
    expect(named('RabbitMQ')?.state).toBe('ok');
    expect(isWell).toBe(false);
  });

  it('tells what is wrong with the settings before it looks at anything', async () => {
    const { isWell, states, named } = await doctor({ REDIS_HOST: 'elsewhere' });
    expect(named('settings')).toMatchObject({
      state: 'broken',
      found: `REDIS_HOST is "elsewhere", and REDIS_URL says "${HOST}"; leave one of them out`,
    });
    expect(Object.keys(states)).toEqual(['Node.js', 'settings']);
    expect(isWell).toBe(false);
  });

  it('writes lines for people, with what to do below what is wrong', async () => {
    let text = '';
    await runDoctor({ ...env, REDIS_URL: `redis://${HOST}:${bad.port}` }, (written) => (text += written));
    const lines = text.split('\n');
    const at = lines.findIndex((line) =>
      /^warning {2}Redis eviction +maxmemory-policy is allkeys-lru/.test(line),
    );
    expect(lines[at + 1]).toMatch(/^ {20,}set "maxmemory-policy noeviction"/);
    expect(lines.filter((line) => line.startsWith('ok ')).length).toBeGreaterThan(5);
  });
});

describe('a start', () => {
  it('says once in the log what the stores should have otherwise, also of one that comes later', async () => {
    const port = await freePort();
    const read = readConfig({ ...env, REDIS_URL: `redis://${HOST}:${port}` });
    if (!read.ok) throw new Error(read.faults.join());
    const { log, lines } = linesLog();
    const telling = tellFindings(read.config, log, 50);
    const said = (what: string) => lines.filter((line) => line.includes(`"check":"${what}"`));
    await eventually('RabbitMQ was looked at', () => said('RabbitMQ consumer_timeout').length === 1);
    expect(lines.join('')).not.toContain('"check":"Redis');
    const late = await startRedis({ directory: join(directory, 'late'), port });
    try {
      const [line] = await eventually(
        'Redis was looked at',
        () => said('Redis persistence').length > 0 && said('Redis persistence'),
      );
      expect(JSON.parse(line ?? '')).toMatchObject({
        level: 40,
        todo: expect.stringContaining('appendonly yes'),
      });
      expect(lines).toHaveLength(2);
    } finally {
      telling.close();
      await late.kill();
    }
  });
});
