import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, scan, type TestServer } from '../../support/client.ts';
import { eventually } from '../../support/services.ts';
import { bearer, OTHER_PROJECT, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

describe('who may call', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());
  const status = (project: string, headers = {}) =>
    call(`${server.url}/tasks/${project}/status`, { headers });

  it.each([
    {},
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${btoa(`admin:${TOKENS.admin}`)}` },
    bearer(TOKENS.carol),
    bearer(TOKENS.bob),
  ])('not %j', async (headers) => {
    const { status: code, headers: answered, body } = await status(PROJECT, headers);
    expect(code).toBe(401);
    expect(body).toEqual({
      detail: 'Invalid authentication credentials',
      code: 'invalid_credentials',
    });
    expect(answered['www-authenticate']).toBe('Bearer');
  });

  it('asks who calls before it looks at anything else', async () => {
    expect((await status('xyz')).status).toBe(401);
    expect((await scan(server, '{', 'wrong')).status).toBe(401);
    expect((await status('xyz', bearer(TOKENS.bob))).status).toBe(422);
    expect((await scan(server, '{', TOKENS.bob)).status).toBe(401);
    expect((await scan(server, '{', TOKENS.alice)).status).toBe(422);
  });

  it('tells only admins that there is no such project', async () => {
    expect(await status(OTHER_PROJECT, bearer(TOKENS.admin))).toMatchObject({
      status: 404,
      body: { detail: 'Project not found', code: 'unknown_project' },
    });
    expect((await status(OTHER_PROJECT, bearer(TOKENS.alice))).status).toBe(401);
  });

  it('takes the scheme in any case and every spelling of a project', async () => {
    for (const spelling of [
      PROJECT.replaceAll('-', ''),
      PROJECT.toUpperCase(),
      `%7B${PROJECT}%7D`,
      `urn:uuid:${PROJECT}`,
    ])
      expect((await status(spelling, { authorization: `bEARER ${TOKENS.alice}` })).status).toBe(200);
  });

  it('knows which methods and paths there are', async () => {
    const wrongMethod = await call(`${server.url}/tasks/${PROJECT}/run-nmap`);
    expect(wrongMethod).toMatchObject({
      status: 405,
      body: { detail: 'Method Not Allowed', code: 'method_not_allowed' },
    });
    expect(wrongMethod.headers.allow).toBe('POST');
    expect(await call(`${server.url}/nothing`)).toMatchObject({
      status: 404,
      body: { detail: 'Not Found', code: 'unknown_path' },
    });
    const head = await call(`${server.url}/tasks/${PROJECT}/stop-nmap`, { method: 'HEAD' });
    expect(head.status).toBe(405);
  });
});

describe('too many wrong tokens', () => {
  const ips = (server: TestServer, token: string, headers = {}) =>
    call(`${server.url}/workers/ips`, { headers: { ...bearer(token), ...headers } });
  const wrong = (index: number) => `${index}-${randomUUID()}`;
  const statusesOf = (answers: readonly { status: number }[]) => {
    const counted: Record<number, number> = {};
    for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
    return counted;
  };

  it('are turned away, by every way in, and a valid one from the same address is not', async () => {
    const server = await testServer();
    try {
      const basic = { authorization: `Basic ${btoa(`me:${wrong(0)}`)}` };
      const board = () => call(`${server.url}/board/`, { headers: basic });
      for (let sent = 0; sent < 30; sent++) {
        expect((await ips(server, wrong(sent))).status).toBe(401);
        expect((await board()).status).toBe(401);
      }
      const refused = await eventually('it is turned away', async () => {
        const answer = await ips(server, wrong(60));
        return answer.status === 429 && answer;
      });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(refused.body.detail).toContain('failed logins');
      expect((await board()).status).toBe(429);
      expect((await call(`${server.url}/health`)).status).toBe(200);
      // Also one that was never seen before; what is guessed beside it may cost it a second.
      await eventually('it is let in', async () => (await ips(server, TOKENS.admin)).status === 200);
      for (let sent = 0; sent < 20; sent++) {
        expect((await ips(server, wrong(sent))).status).toBe(429);
        expect((await ips(server, TOKENS.admin)).status).toBe(200);
      }
    } finally {
      await server.close();
    }
  });

  it('count also while they are being checked, and a valid one passes between them', async () => {
    const server = await testServer();
    try {
      expect((await ips(server, TOKENS.bob)).status).toBe(200);
      const answers = await Promise.all([
        ...Array.from({ length: 200 }, (_, index) => ips(server, wrong(index))),
        ...Array.from({ length: 100 }, () => ips(server, TOKENS.bob)),
      ]);
      const refused = statusesOf(answers.slice(0, 200));
      expect((refused[401] ?? 0) + (refused[429] ?? 0)).toBe(200);
      expect(refused[401]).toBeLessThanOrEqual(60);
      expect(statusesOf(answers.slice(200))).toEqual({ 200: 100 });
      // Alice's token was never seen: it may have to wait while the others guess, not longer.
      await eventually('she is let in', async () => (await ips(server, TOKENS.alice)).status === 200);
    } finally {
      await server.close();
    }
  });

  it('count for the address that a trusted proxy names, and for nobody else', async () => {
    const through = (from: string) => ({ 'x-forwarded-for': `192.0.2.66, ${from}` });
    for (const trustProxy of [1, ['127.0.0.0/8', '::1']]) {
      const server = await testServer({ config: { trustProxy } });
      try {
        const shut = () => ips(server, wrong(1), through('198.51.100.1'));
        await eventually('one address is shut out', async () => (await shut()).status === 429);
        expect((await ips(server, wrong(2), through('198.51.100.2'))).status).toBe(401);
        expect(server.lines.join('')).toContain('"from":"198.51.100.1"');
        expect((await ips(server, wrong(3), through('nonsense'))).status).toBe(401);
        expect(server.lines.join('')).not.toContain('nonsense');
      } finally {
        await server.close();
      }
    }
    const direct = await testServer();
    try {
      let sent = 0;
      const lie = () => ips(direct, wrong(sent), through(`198.51.100.${sent++ % 250}`));
      await eventually(
        'what others say of themselves is not believed',
        async () => (await lie()).status === 429,
      );
      expect(direct.lines.join('')).not.toContain('198.51.100');
    } finally {
      await direct.close();
    }
  });

  it("count for a user who asks for one project after the other that is not the user's", async () => {
    const server = await testServer();
    try {
      const status = (project: string, token: string) =>
        call(`${server.url}/tasks/${project}/status`, { headers: bearer(token) });
      await eventually(
        'bob is turned away',
        async () => (await status(randomUUID(), TOKENS.bob)).status === 429,
      );
      expect((await status(PROJECT, TOKENS.alice)).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('paths in another case lead nowhere', async () => {
    const server = await testServer();
    try {
      for (const path of [
        '/BOARD',
        '/Board/api/queues',
        '/board/API/queues',
        '/WORKERS/ips',
        '/Docs',
        '/HEALTH',
      ])
        expect([path, (await call(server.url + path, { headers: bearer(TOKENS.admin) })).status]).toEqual([
          path,
          404,
        ]);
    } finally {
      await server.close();
    }
  });
});
