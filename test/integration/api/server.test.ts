import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, scan, type TestServer } from '../../support/client.ts';
import { eventually } from '../../support/services.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

describe('every request', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  it("gives every request an id, the caller's own when it is sane", async () => {
    const own = await call(`${server.url}/health`, { headers: { 'x-request-id': 'mine-1' } });
    expect(own.headers['x-request-id']).toBe('mine-1');
    const odd = await call(`${server.url}/health`, { headers: { 'x-request-id': 'a b"c' } });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs no tokens', async () => {
    await call(`${server.url}/tasks/${PROJECT}/status?token=${TOKENS.admin}`, {
      headers: bearer(TOKENS.alice),
    });
    const log = server.lines.join('');
    expect(log).toContain(`/tasks/${PROJECT}/status`);
    for (const token of Object.values(TOKENS)) expect(log).not.toContain(token);
  });
});

describe('the address to listen on', () => {
  const reaches = (url: string, host: string) =>
    call(`${url.replace(/\/\/[^/]*:/, `//${host}:`)}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );

  it('is the one of the configuration and no other, and stands in the URL', async () => {
    const server = await testServer({ config: { bindAddress: '127.0.0.2' } });
    try {
      expect(server.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
      expect(await reaches(server.url, '127.0.0.2')).toBe(true);
      expect(await reaches(server.url, '127.0.0.1')).toBe(false);
    } finally {
      await server.close();
    }
  });

  it('may be any', async () => {
    const server = await testServer({ config: { bindAddress: '0.0.0.0' } });
    try {
      expect(server.url).toMatch(/^http:\/\/localhost:/);
      for (const host of ['127.0.0.1', '127.0.0.2']) expect(await reaches(server.url, host)).toBe(true);
    } finally {
      await server.close();
    }
  });
});

describe('ready', () => {
  const ok = { needed: true, check: async () => {} };
  const gone = (needed: boolean) => ({ needed, check: async () => Promise.reject(new Error('no route')) });
  const ask = ({ url }: TestServer, token?: string) =>
    call(`${url}/ready`, { headers: token === undefined ? {} : bearer(token) });

  it('is 503 only when something needed is away', async () => {
    const degraded = await testServer({ checks: { redis: ok, rabbitmq: gone(false) } });
    const broken = await testServer({ checks: { redis: gone(true), ledger: undefined } });
    try {
      expect(await ask(degraded)).toMatchObject({
        status: 200,
        body: { status: 'ok', services: { redis: { status: 'ok' }, rabbitmq: { status: 'away' } } },
      });
      expect(await ask(broken)).toMatchObject({ status: 503, body: { status: 'away' } });
    } finally {
      await Promise.all([degraded.close(), broken.close()]);
    }
  });

  it('tells why to admins only, and to the log once', async () => {
    const warnings = async () => [{ code: 'redis_nearly_full', message: '860 of 1024 MB' }];
    const server = await testServer({ checks: { redis: { ...ok, warnings }, rabbitmq: gone(false) } });
    try {
      expect((await ask(server, TOKENS.admin)).body).toMatchObject({
        services: { redis: { status: 'ok', detail: '' }, rabbitmq: { status: 'away', detail: 'no route' } },
        warnings: [{ code: 'redis_nearly_full', message: '860 of 1024 MB' }],
      });
      for (const token of [undefined, TOKENS.alice]) {
        expect((await ask(server, token)).body).toEqual({
          status: 'ok',
          services: { redis: { status: 'ok', detail: '' }, rabbitmq: { status: 'away', detail: '' } },
          paused_queues: [],
          warnings: [{ code: 'redis_nearly_full', message: '' }],
        });
      }
      expect(server.lines.filter((line) => line.includes('no route'))).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  it('is no place to find a token: a wrong one is 401 and counts, and without one it answers on', async () => {
    const server = await testServer({ checks: { redis: ok } });
    try {
      expect((await ask(server, 'wrong')).status).toBe(401);
      await eventually('too many wrong ones', async () => (await ask(server, 'wrong')).status === 429);
      expect((await ask(server)).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('names the queues that are paused, and is ok all the same', async () => {
    const server = await testServer({ flows: flowsWith({ pausedQueues: async () => ['resolve'] }) });
    const away = async () => Promise.reject(new Error('redis is away'));
    const blind = await testServer({ flows: flowsWith({ pausedQueues: away }) });
    const silent = await testServer({ flows: flowsWith({ pausedQueues: () => new Promise(() => {}) }) });
    try {
      expect(await ask(server)).toMatchObject({
        status: 200,
        body: { status: 'ok', paused_queues: ['resolve'] },
      });
      for (const each of [blind, silent])
        expect(await ask(each)).toMatchObject({ status: 200, body: { paused_queues: [] } });
    } finally {
      await Promise.all([server.close(), blind.close(), silent.close()]);
    }
  });

  it('does not wait for a service that never answers', async () => {
    const never = { needed: true, check: () => new Promise<void>(() => {}) };
    const server = await testServer({ checks: { redis: never } });
    try {
      const { body } = await ask(server, TOKENS.admin);
      expect(body.services.redis).toEqual({ status: 'away', detail: 'no answer within 2000 ms' });
    } finally {
      await server.close();
    }
  });
});

describe('closing', () => {
  it('answers those who wait with what is known', async () => {
    let waiting = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const untilPlanned = (_id: string, timeoutMs: number) => {
      if (timeoutMs === 0) return Promise.resolve({ ...PLANNED, state: 'planning' as const });
      waiting();
      return new Promise<never>(() => {});
    };
    const server = await testServer({ flows: flowsWith({ untilPlanned }) });
    const answer = scan(server);
    await isWaiting;
    await server.close();
    expect((await answer).status).toBe(202);
    await expect(call(`${server.url}/health`)).rejects.toThrow();
  });
});
