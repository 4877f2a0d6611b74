import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, scan, type TestServer } from './client.ts';
import { bearer, OTHER_PROJECT, PROJECT, TOKENS, testServer } from './testServer.ts';

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
    expect(body).toEqual({ detail: 'Invalid authentication credentials' });
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
      body: { detail: 'Project not found' },
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
    expect(wrongMethod).toMatchObject({ status: 405, body: { detail: 'Method Not Allowed' } });
    expect(wrongMethod.headers.allow).toBe('POST');
    expect(await call(`${server.url}/nothing`)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
    const head = await call(`${server.url}/tasks/${PROJECT}/stop-nmap`, { method: 'HEAD' });
    expect(head.status).toBe(405);
  });
});

describe('too many wrong tokens', () => {
  it('shuts the address out, whatever it sends then', async () => {
    const server = await testServer();
    try {
      const wrong = () => call(`${server.url}/workers/ips`, { headers: bearer('wrong') });
      for (let sent = 0; sent < 60; sent++) expect((await wrong()).status).toBe(401);
      const { status, headers, body } = await call(`${server.url}/workers/ips`, {
        headers: bearer(TOKENS.admin),
      });
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(body.detail).toContain('failed logins');
      expect((await call(`${server.url}/health`)).status).toBe(200);
      expect((await call(`${server.url}/board/`)).status).toBe(429);
    } finally {
      await server.close();
    }
  });

  it('counts only 401 answers', async () => {
    const server = await testServer();
    try {
      const right = () => call(`${server.url}/workers/ips`, { headers: bearer(TOKENS.bob) });
      const answers = await Promise.all(Array.from({ length: 100 }, right));
      expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    } finally {
      await server.close();
    }
  });
});
