import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { type Auth, tokenHash } from '../../../src/adapters/auth/caller.ts';
import { createPostgresAuth } from '../../../src/adapters/auth/postgresAuth.ts';
import { createScanledgerAuth } from '../../../src/adapters/auth/scanledgerAuth.ts';
import { createStaticAuth, installationToken } from '../../../src/adapters/auth/staticAuth.ts';
import { USERS_LIMITS } from '../../../src/adapters/scanledger/limits.ts';
import type { Config } from '../../../src/config/config.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { createLog } from '../../../src/runtime/log.ts';
import type { Fault } from '../../support/ledgerFaults.ts';
import { eventually, ownDatabase, ownRedisDb, services } from '../../support/services.ts';
import { startStandInLedger } from '../../support/standInLedger.ts';
import { createUsers, type Users } from '../../support/users.ts';

const UNKNOWN_PROJECT = '00000000-0000-4000-8000-000000000000';
const log = createLog({ level: 'silent', role: 'test' });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(config: Exclude<Config['auth'], { provider: 'static' }>): Auth {
  const auth =
    config.provider === 'postgres'
      ? createPostgresAuth(config.postgres, log)
      : createScanledgerAuth(config.scanledger);
  closers.push(() => auth.close());
  return auth;
}

async function callerOf(auth: Auth, token: string) {
  const caller = await auth.authenticate(token);
  if (!caller) throw new Error('not authenticated');
  return caller;
}

test('the hash of a token is lower-case hex SHA-256', () => {
  expect(tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('postgres', () => {
  async function openPostgres(): Promise<{ auth: Auth; users: Users; database: string }> {
    const { database, drop } = await ownDatabase();
    closers.push(drop);
    const users = await createUsers(database);
    const auth = open({ provider: 'postgres', postgres: { ...services().postgres, database } });
    return { auth, users, database };
  }

  test('valid tokens have a user; empty, wrong and expired ones have none', async () => {
    const { auth, users } = await openPostgres();
    const { tokens, ids } = users;
    expect(await auth.authenticate(tokens.admin)).toEqual({
      user: { id: ids.admin, username: 'admin' },
      admin: true,
      tokenHash: tokenHash(tokens.admin),
    });
    expect(await auth.authenticate(tokens.alice)).toMatchObject({ user: { id: ids.alice }, admin: false });
    expect(await auth.authenticate(tokens.bob)).toMatchObject({ user: { username: 'bob' }, admin: false });
    for (const token of ['', 'wrong', tokens.carol, tokenHash(tokens.admin), `${tokens.admin} `])
      expect(await auth.authenticate(token), token).toBeUndefined();
  });

  test('an admin may see every project that exists, others only their own', async () => {
    const { auth, users } = await openPostgres();
    const { project, projectB, aliceProject } = users.projects;
    const access = async (name: 'admin' | 'alice' | 'bob', id: string) =>
      auth.access(await callerOf(auth, users.tokens[name]), users.tokens[name], id);
    for (const id of [project, projectB, aliceProject]) expect(await access('admin', id)).toBe('allowed');
    expect(await access('admin', UNKNOWN_PROJECT)).toBe('unknown');
    expect(await access('alice', aliceProject)).toBe('allowed');
    expect(await access('alice', project)).toBe('denied');
    expect(await access('alice', UNKNOWN_PROJECT)).toBe('denied');
    expect(await access('bob', aliceProject)).toBe('denied');
  });

  test('of several projects an admin may see those that exist, others their own, with their names', async () => {
    const { auth, users, database } = await openPostgres();
    const { project, projectB, aliceProject } = users.projects;
    const client = new pg.Client({ ...services().postgres, database });
    await client.connect();
    await client.query('UPDATE projects SET project_name = $1 WHERE id = $2', ['a\u202eb', aliceProject]);
    await client.end();
    const visible = async (name: 'admin' | 'alice' | 'bob', ...ids: string[]) =>
      auth.visible(await callerOf(auth, users.tokens[name]), users.tokens[name], ids);
    const all = [project, projectB, aliceProject, UNKNOWN_PROJECT];
    expect(new Set((await visible('admin', ...all)).keys())).toEqual(new Set(all.slice(0, 3)));
    expect(await visible('alice', ...all)).toEqual(new Map([[aliceProject, 'a\uFFFDb']]));
    expect((await visible('bob', ...all)).has(aliceProject)).toBe(false);
    expect(await visible('alice', project)).toEqual(new Map());
  });

  test('a token that was withdrawn stops working at once', async () => {
    const { auth, users, database } = await openPostgres();
    await callerOf(auth, users.tokens.alice);
    const client = new pg.Client({ ...services().postgres, database });
    await client.connect();
    await client.query(`UPDATE users SET token_expires_at = 1 WHERE username = 'alice'`);
    await client.end();
    expect(await auth.authenticate(users.tokens.alice)).toBeUndefined();
  });

  test('a database without the tables is away, and the message says which are missing', async () => {
    const { database, drop } = await ownDatabase();
    closers.push(drop);
    const auth = open({ provider: 'postgres', postgres: { ...services().postgres, database } });
    for (const attempt of [() => auth.check(), () => auth.authenticate('x')]) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ServiceUnavailableError);
      expect(error).toMatchObject({ service: 'auth store', message: expect.stringContaining('users') });
    }
    await expect(auth.check()).rejects.toThrow(/users, projects, projectuserlink/);
  });

  test('a stopped PostgreSQL is away, and so is one that never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    closers.push(() => silent.close());
    const connections: { destroy(): void }[] = [];
    silent.on('connection', (socket) => connections.push(socket));
    await once(silent, 'listening');
    const address = silent.address();
    const silentPort = typeof address === 'object' && address ? address.port : 0;
    for (const port of [1, silentPort]) {
      const auth = open({
        provider: 'postgres',
        postgres: { host: '127.0.0.1', port, user: 'u', password: 'hunter2', database: 'd' },
      });
      const error = await auth.authenticate('x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ServiceUnavailableError);
      expect(error).toMatchObject({ service: 'auth store', message: expect.stringContaining(String(port)) });
      expect(error).toMatchObject({ message: expect.not.stringContaining('hunter2') });
    }
    for (const connection of connections) connection.destroy();
  });

  test('what a user is called is short and can be shown, whatever it is', async () => {
    const { auth, users, database } = await openPostgres();
    const client = new pg.Client({ ...services().postgres, database });
    await client.connect();
    const rename = (name: string) =>
      client.query('UPDATE users SET username = $1 WHERE id = $2', [name, users.ids.bob]);
    const shown = async () => (await callerOf(auth, users.tokens.bob)).user;
    await rename(`b\u{1F600}${'o'.repeat(2_000)}b`);
    expect(await shown()).toEqual({ id: users.ids.bob, username: `b\u{1F600}${'o'.repeat(198)}` });
    await rename('b\n\u001b[31mo\u202eb');
    expect(await shown()).toEqual({ id: users.ids.bob, username: 'b\uFFFD\uFFFD[31mo\uFFFDb' });
    await rename('Bjørn-Håkon «bob» 鲍勃');
    expect((await shown()).username).toBe('Bjørn-Håkon «bob» 鲍勃');
    await client.end();
  });

  test('connections that the server ends do no lasting harm', async () => {
    const { auth, users, database } = await openPostgres();
    await callerOf(auth, users.tokens.bob);
    const admin = new pg.Client({ ...services().postgres, database: 'postgres' });
    await admin.connect();
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      database,
    ]);
    await admin.end();
    await eventually('a new connection', () => auth.authenticate(users.tokens.bob).catch(() => undefined));
  });
});

describe('scanledger', () => {
  const PROJECT = '5a3f0b1e-0000-4000-8000-000000000001';
  const OTHER = '5a3f0b1e-0000-4000-8000-000000000002';

  async function openScanledger() {
    const server = await startStandInLedger({
      users: { alice: { projects: [PROJECT] }, root: { admin: true } },
      projects: { [PROJECT]: {}, [OTHER]: {} },
    });
    closers.push(() => server.stop());
    const config = { baseUrl: server.baseUrl, token: 'ours', tlsVerify: true };
    const auth = createScanledgerAuth(config, { ...USERS_LIMITS, answerMs: 500 });
    closers.push(() => auth.close());
    return { server, auth };
  }

  test("ScanLedger decides by the caller's own token", async () => {
    const { auth } = await openScanledger();
    const alice = await callerOf(auth, 'alice');
    expect(alice).toMatchObject({
      user: { username: 'scanledger' },
      admin: false,
      tokenHash: tokenHash('alice'),
    });
    expect(alice.user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await callerOf(auth, 'root')).user.id).not.toBe(alice.user.id);
    expect(await auth.access(alice, 'alice', PROJECT)).toBe('allowed');
    expect(await auth.access(alice, 'alice', OTHER)).toBe('denied');
    expect(await auth.access(await callerOf(auth, 'root'), 'root', UNKNOWN_PROJECT)).toBe('denied');
    for (const token of ['', 'wrong', 'späť', 'a\r\nb: c'])
      expect(await auth.authenticate(token)).toBeUndefined();
  });

  test('of several projects those are seen that ScanLedger lists for the token', async () => {
    const { server, auth } = await openScanledger();
    const alice = await callerOf(auth, 'alice');
    const ids = [OTHER, PROJECT, UNKNOWN_PROJECT];
    expect(await auth.visible(alice, 'alice', ids)).toEqual(new Map([[PROJECT, `project ${PROJECT}`]]));
    expect((await auth.visible(await callerOf(auth, 'root'), 'root', ids)).size).toBe(2);
    server.users.delete('alice');
    expect(await auth.visible(alice, 'alice', ids)).toEqual(new Map());
    server.fault = 500;
    await expect(auth.visible(alice, 'alice', ids)).rejects.toThrow(ServiceUnavailableError);
  });

  test('answers are remembered per token, a refusal only shortly', async () => {
    const { server, auth } = await openScanledger();
    const alice = await callerOf(auth, 'alice');
    await auth.access(alice, 'alice', PROJECT);
    expect(await auth.authenticate('late')).toBeUndefined();
    const asked = server.requests.length;
    server.users.set('late', { projects: [] });
    expect(await callerOf(auth, 'alice')).toEqual(alice);
    expect(await auth.access(alice, 'alice', PROJECT)).toBe('allowed');
    expect(await auth.authenticate('late')).toBeUndefined();
    expect(server.requests).toHaveLength(asked);
    await eventually('the new token to work', () => auth.authenticate('late'), 5000);
  });

  test('the users are away when ScanLedger is, and nothing of that is remembered', async () => {
    const { server, auth } = await openScanledger();
    const alice = await callerOf(auth, 'alice');
    for (const fault of [500, 422, 'nonsense', 'hang', 'close'] as const) {
      server.fault = fault;
      for (const attempt of [
        () => auth.check(),
        () => auth.authenticate('root'),
        () => auth.access(alice, 'alice', OTHER),
      ]) {
        const error = await attempt().catch((thrown: unknown) => thrown);
        expect(error, String(fault)).toBeInstanceOf(ServiceUnavailableError);
        expect(error).toMatchObject({ service: 'auth store' });
      }
    }
    delete server.fault;
    await auth.check();
    await callerOf(auth, 'root');
  });
});

describe('a scanledger that is broken or means harm', () => {
  const PROJECT = '5a3f0b1e-0000-4000-8000-000000000001';
  const OTHER = '5a3f0b1e-0000-4000-8000-000000000002';

  test.each<[string, Fault]>([
    ['is not JSON', 'nonsense'],
    ['comes byte by byte', 'drip'],
    ['does not end', { endless: 200 }],
    ['breaks off', 'cut'],
    ['is null', { json: null }],
    ['is a text', { json: PROJECT }],
    ['is an object', { json: {} }],
    ['is an empty text in a list', { json: [''] }],
    ['names no project', { json: [{ project_name: 'a' }] }],
    ['names none in a list', { json: [null] }],
    ['names one with an odd id', { json: [{ id: `${PROJECT}${'0'.repeat(100)}` }] }],
    ['names one with a number for an id', { json: { id: 1 } }],
    ['names another one', { json: { id: OTHER } }],
    ['has no content', 204],
  ])('an answer that %s lets nobody in', async (_what, fault) => {
    const server = await startStandInLedger({ users: { alice: { projects: [PROJECT] } } });
    closers.push(() => server.stop());
    const limits = { ...USERS_LIMITS, answerMs: 300, answerBytes: 100_000 };
    const auth = createScanledgerAuth({ baseUrl: server.baseUrl, token: 'ours', tlsVerify: true }, limits);
    closers.push(() => auth.close());
    const caller = await callerOf(auth, 'alice');
    server.fault = fault;
    for (const attempt of [
      () => auth.authenticate('x'),
      () => auth.check(),
      () => auth.access(caller, 'alice', PROJECT),
    ])
      await expect(attempt()).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
        service: 'auth store',
      });
    delete server.fault;
    expect(await auth.authenticate('x')).toBeUndefined();
    expect(await auth.access(caller, 'alice', PROJECT)).toBe('allowed');
  });

  test('where it leads to one that knows the token, nobody gets in', async () => {
    const users = { alice: { projects: [PROJECT] } };
    const [server, elsewhere] = [await startStandInLedger({ users }), await startStandInLedger({ users })];
    closers.push(() => Promise.all([server.stop(), elsewhere.stop()]));
    const scanledger = { baseUrl: server.baseUrl, token: 'alice', tlsVerify: true };
    const auth = open({ provider: 'scanledger', scanledger });
    server.fault = { redirect: 307, to: elsewhere.baseUrl };
    for (const attempt of [() => auth.authenticate('alice'), () => auth.check()])
      await expect(attempt()).rejects.toThrow(/status 307; redirects are not followed/);
    expect(elsewhere.requests).toEqual([]);
  });

  test('an endless refusal is a refusal', async () => {
    const server = await startStandInLedger({ users: { alice: { projects: [PROJECT] } } });
    closers.push(() => server.stop());
    const auth = open({
      provider: 'scanledger',
      scanledger: { baseUrl: server.baseUrl, token: 'ours', tlsVerify: true },
    });
    const caller = await callerOf(auth, 'alice');
    server.fault = { endless: 401 };
    expect(await auth.authenticate('x')).toBeUndefined();
    expect(await auth.access(caller, 'alice', PROJECT)).toBe('denied');
    await eventually('no connection is left', async () => (await server.connections()) === 0);
  });
});

describe('static', () => {
  test('the one token is an admin of every project', async () => {
    const auth = createStaticAuth(tokenHash('secret'));
    const caller = await callerOf(auth, 'secret');
    expect(caller).toMatchObject({
      user: { username: 'admin' },
      admin: true,
      tokenHash: tokenHash('secret'),
    });
    expect(await auth.access(caller, 'secret', UNKNOWN_PROJECT)).toBe('allowed');
    for (const token of ['', 'Secret', 'secret ']) expect(await auth.authenticate(token)).toBeUndefined();
  });

  test('the first start generates a token that later starts accept, and only its hash is kept', async () => {
    const redis = new Redis({ ...services().redis, db: await ownRedisDb() });
    try {
      const { hash, generated = '' } = await installationToken(redis);
      expect(generated).toHaveLength(43);
      expect(hash).toBe(tokenHash(generated));
      expect(await installationToken(redis)).toEqual({ hash });
      await callerOf(createStaticAuth(hash), generated);
      for (const key of await redis.keys('*')) expect(await redis.get(key)).not.toContain(generated);
    } finally {
      redis.disconnect();
    }
  });
});
