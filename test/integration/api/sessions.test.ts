import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/adapters/audit/entry.ts';
import { AUDIT_KEY } from '../../../src/adapters/redis/keys.ts';
import { SessionStore } from '../../../src/adapters/sessions/sessionStore.ts';
import { call, type Request } from '../../support/client.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { bearer, flowsWith, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
const STATUS = `/tasks/${PROJECT}/status`;
const STOP = `/tasks/${PROJECT}/stop-nmap`;

let redis: Redis;
let server: Awaited<ReturnType<typeof testServer>>;
let stops = 0;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis.disconnect());

/** Wrong log-ins are counted by server, and every test begins with none. */
beforeEach(async () => {
  stops = 0;
  const store = new SessionStore(redis);
  const sessions = {
    begin: store.begin.bind(store),
    find: store.find.bind(store),
    end: store.end.bind(store),
    makeLink: store.makeLink.bind(store),
    useLink: store.useLink.bind(store),
  };
  const stop = async () => {
    stops += 1;
    return { revoked: 0, submissions: [] };
  };
  server = await testServer({ flows: flowsWith({ sessions, stop }) });
  return () => server.close();
});

function ask(path: string, request: Request & { cookie?: string } = {}) {
  const { cookie, headers = {}, ...rest } = request;
  return call(server.url + path, { ...rest, headers: { ...headers, ...(cookie && { cookie }) } });
}

function post(path: string, body: object, headers = {}) {
  const json = { 'content-type': 'application/json', ...headers };
  return ask(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
}

async function logIn(body: object = { token: TOKENS.alice }): Promise<string> {
  const answer = await post('/session', body);
  expect(answer.status).toBe(200);
  return cookieOf(answer.headers['set-cookie']);
}

function cookieOf(header: unknown): string {
  return String(header).split(';')[0] ?? '';
}

async function trail(): Promise<AuditEntry[]> {
  const entries = await redis.xrange(AUDIT_KEY, '-', '+');
  return entries.map(([, [, entry = '']]) => JSON.parse(entry) as AuditEntry);
}

describe('a session', () => {
  it('begins with a token, and is who the token is of', async () => {
    const answer = await post('/session', { token: TOKENS.alice });
    expect(answer.body).toMatchObject({ user: { username: 'alice' }, admin: false });
    expect(Date.parse(answer.body.expires_at) - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^tasker_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    const cookie = cookieOf(answer.headers['set-cookie']);
    expect((await ask('/session', { cookie })).body).toEqual(answer.body);
    expect((await ask(STATUS, { cookie, headers: SAME_ORIGIN })).status).toBe(200);
    const other = '/tasks/00000000-0000-4000-8000-000000000000/status';
    expect((await ask(other, { cookie, headers: SAME_ORIGIN })).status).toBe(401);
  });

  it('does not begin with a token that is wrong or expired, nor without any', async () => {
    for (const token of ['wrong', TOKENS.carol, '']) {
      const { status, headers } = await post('/session', { token });
      expect([token, status, headers['set-cookie']]).toEqual([token, token === '' ? 422 : 401, undefined]);
    }
    for (const body of [{}, { token: 'a', code: 'b' }, { token: 'a', more: 1 }])
      expect((await post('/session', body)).status).toBe(422);
    expect((await ask('/session')).status).toBe(401);
  });

  it('is counted like a token: whoever guesses is turned away', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 70; tries++)
      statuses.push(
        (await post('/session', tries % 2 ? { code: `c${tries}` } : { token: `t${tries}` })).status,
      );
    for (let tries = 0; tries < 70; tries++)
      statuses.push((await post('/session', { code: `d${tries}` })).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.at(-1)).toBe(429);
  });

  it('is kept so that Redis does not tell the token', async () => {
    const cookie = await logIn({ token: TOKENS.admin });
    const [, secret = ''] = cookie.split('=');
    const dump: string[] = [];
    for (const key of await redis.keys('*')) {
      dump.push(key);
      if ((await redis.type(key)) === 'string') dump.push((await redis.get(key)) ?? '');
    }
    const text = dump.join('\n');
    expect(text).toMatch(/tasker:session:[\w-]{43}/);
    for (const hidden of [TOKENS.admin, btoa(TOKENS.admin), secret]) expect(text).not.toContain(hidden);
    for (const key of await redis.keys('tasker:session*')) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('is worth nothing to whoever can write Redis: what is kept for one cannot stand for another', async () => {
    const admin = (await logIn({ token: TOKENS.admin })).split('=')[1] ?? '';
    const before = new Set(await redis.keys('tasker:session:*'));
    const alice = await logIn();
    const [own = ''] = (await redis.keys('tasker:session:*')).filter((key) => !before.has(key));
    const others = [...before];
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) {
      await redis.set(own, (await redis.get(other)) ?? '', 'KEEPTTL');
      expect((await ask('/session', { cookie: alice })).status).toBe(401);
    }
    expect((await ask('/session', { cookie: `tasker_session=${admin}x` })).status).toBe(401);
    expect((await ask('/session', { cookie: `tasker_session=${admin.slice(0, -1)}` })).status).toBe(401);
  });

  it('is over for a stolen cookie after the log-out', async () => {
    const cookie = await logIn();
    const stolen = await ask('/session', { cookie });
    expect(stolen.status).toBe(200);
    const out = await ask('/session', { method: 'DELETE', cookie, headers: SAME_ORIGIN });
    expect(out.body).toEqual({ ended: true });
    expect(String(out.headers['set-cookie'])).toMatch(/^tasker_session=; .*Max-Age=0$/);
    expect((await ask('/session', { cookie })).status).toBe(401);
    expect((await ask(STATUS, { cookie, headers: SAME_ORIGIN })).status).toBe(401);
    expect((await ask('/session', { method: 'DELETE', cookie, headers: SAME_ORIGIN })).body).toEqual({
      ended: false,
    });
  });

  it('is over when its time is, and when its user is one no more', async () => {
    const expired = await logIn();
    for (const key of await redis.keys('tasker:session:*')) await redis.pexpire(key, 1);
    await eventually('it is over', async () => (await ask('/session', { cookie: expired })).status === 401);
    const removed = await logIn();
    await server.forgetUser('alice');
    expect((await ask('/session', { cookie: removed })).status).toBe(401);
    const out = await ask('/session', { method: 'DELETE', cookie: removed, headers: SAME_ORIGIN });
    expect(out.body).toEqual({ ended: true });
  });

  it('is one of a thousand of its user at most: the one that ends first goes', async () => {
    const first = await logIn();
    const [list = ''] = await redis.keys('tasker:sessions-of:*');
    const later = Date.now() + 13 * 3_600_000;
    for (const key of await redis.keys('tasker:sessions-of:*'))
      await redis.zadd(key, ...Array.from({ length: 999 }, (_, i) => [later, `tasker:session:x${i}`]).flat());
    await logIn();
    expect((await ask('/session', { cookie: first })).status).toBe(401);
    expect(await redis.zcard(list)).toBeLessThanOrEqual(1_000);
  });
});

describe('a call with the cookie', () => {
  const refused: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://elsewhere.test' },
    { ...SAME_ORIGIN, origin: 'null' },
  ];
  it.each(refused)('is refused from another page, also one that only reads: %j', async (headers) => {
    const cookie = await logIn();
    for (const path of [STATUS, STOP, '/session', '/submissions', '/events'])
      expect((await ask(path, { cookie, headers })).body).toMatchObject({ code: 'cross_site' });
    for (const path of ['/session/links', `/tasks/${PROJECT}/pause`])
      expect((await ask(path, { method: 'POST', cookie, headers })).body).toMatchObject({
        code: 'cross_site',
      });
    expect((await ask('/session', { method: 'DELETE', cookie, headers })).status).toBe(403);
    expect((await ask('/session', { cookie })).status).toBe(200);
    expect(stops).toBe(0);
  });

  it('that changes something needs more than that nothing speaks against it', async () => {
    const cookie = await logIn();
    expect((await ask(STOP, { cookie })).status).toBe(403);
    expect(stops).toBe(0);
    const { host } = new URL(server.url);
    for (const headers of [SAME_ORIGIN, { origin: `http://${host}` }, { 'x-tasker-console': '1' }])
      expect((await ask(STOP, { cookie, headers: headers as Record<string, string> })).status).toBe(200);
    expect(stops).toBe(3);
  });

  it('is by whom `Authorization` says, when that is there as well', async () => {
    const cookie = await logIn({ token: TOKENS.admin });
    expect((await ask('/session', { cookie, headers: bearer(TOKENS.alice) })).body).toMatchObject({
      user: { username: 'alice' },
      expires_at: null,
    });
    expect((await ask('/session', { cookie, headers: bearer('wrong') })).status).toBe(401);
    expect((await ask('/session', { cookie, headers: { authorization: 'Basic eA==' } })).status).toBe(401);
  });

  it('that has two of them is nobody: one may be set by another site', async () => {
    const cookie = await logIn();
    expect((await ask('/session', { cookie: `${cookie}; ${await logIn()}` })).status).toBe(401);
    expect((await ask('/session', { cookie: `other=1; ${cookie}` })).status).toBe(200);
  });

  it('is nobody where anybody may call and another page asks', async () => {
    const cookie = await logIn({ token: TOKENS.admin });
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await ask('/ready', { cookie, headers })).status).toBe(200);
  });

  it('logs nobody in from another page', async () => {
    const { status, headers } = await post('/session', { token: TOKENS.bob }, refused[0]);
    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
  });
});

describe('a link', () => {
  it('logs in once, as whoever made it', async () => {
    const made = await ask('/session/links', { method: 'POST', headers: bearer(TOKENS.admin) });
    expect(Date.parse(made.body.expires_at) - Date.now()).toBeLessThanOrEqual(600_000);
    const cookie = await logIn({ code: made.body.code });
    expect((await ask('/session', { cookie })).body).toMatchObject({ admin: true });
    expect((await post('/session', { code: made.body.code })).status).toBe(401);
  });

  it('logs one in of many who use it at once', async () => {
    const made = await ask('/session/links', { method: 'POST', headers: bearer(TOKENS.alice) });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('/session', { code: made.body.code })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(401)]);
  });

  it('is good for nothing when it is too old, or its user is one no more', async () => {
    const old = await ask('/session/links', { method: 'POST', headers: bearer(TOKENS.alice) });
    for (const key of await redis.keys('tasker:login-link:*')) await redis.del(key);
    expect((await post('/session', { code: old.body.code })).status).toBe(401);
    const made = await ask('/session/links', { method: 'POST', headers: bearer(TOKENS.alice) });
    await server.forgetUser('alice');
    expect((await post('/session', { code: made.body.code })).status).toBe(401);
  });

  it('is no session, and a session is no link', async () => {
    const made = await ask('/session/links', { method: 'POST', headers: bearer(TOKENS.alice) });
    const { code } = made.body;
    expect((await ask('/session', { cookie: `tasker_session=${code}` })).status).toBe(401);
    const secret = (await logIn()).split('=')[1];
    expect((await post('/session', { code: secret })).status).toBe(401);
  });
});

describe('the audit trail', () => {
  it('tells of log-ins, log-outs, links and of those that were refused, and no secret', async () => {
    await redis.del(AUDIT_KEY);
    const cookie = await logIn();
    const made = await post('/session/links', {}, { cookie, ...SAME_ORIGIN });
    await logIn({ code: made.body.code });
    await ask('/session', { method: 'DELETE', cookie, headers: SAME_ORIGIN });
    const entries = await trail();
    expect(entries.map(({ event, on, user }) => [event, on, user?.username])).toEqual([
      ['session.begun', { with: 'token' }, 'alice'],
      ['session.link_made', null, 'alice'],
      ['session.begun', { with: 'link' }, 'alice'],
      ['session.ended', null, 'alice'],
    ]);
    const text = JSON.stringify(await redis.xrange(AUDIT_KEY, '-', '+')) + server.lines.join('');
    for (const secret of [TOKENS.alice, cookie.split('=')[1], made.body.code])
      expect(text).not.toContain(secret);
  });
});
