import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type TestServer } from '../../support/client.ts';
import { bearer, TOKENS, testServer } from '../../support/testServer.ts';

const JSON_ONLY = { accept: 'application/json' };
let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

describe('the front page', () => {
  it('says what this is and links what there is, without a token', async () => {
    const { status, headers, text } = await call(server.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers.vary).toContain('Accept');
    expect(text).toContain('<h1>Tasker</h1>');
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
    expect(links).toEqual(['/docs', '/openapi.json', '/board', '/health', '/ready']);
  });

  it('leads to pages that are there', async () => {
    const { body } = await call(server.url, { headers: JSON_ONLY });
    for (const link of Object.values<string>(body.links)) {
      const { status } = await call(server.url + link, { headers: bearer(TOKENS.admin) });
      expect([link, status]).toEqual([link, 200]);
    }
  });

  it.each([
    [{}, 'text/html'],
    [{ accept: '*/*' }, 'text/html'],
    [{ accept: 'text/html' }, 'text/html'],
    [{ accept: 'image/png' }, 'text/html'],
    [JSON_ONLY, 'application/json'],
    [{ accept: 'application/json, text/html;q=0.5' }, 'application/json'],
  ])('is for %j a page of type %s', async (headers, type) => {
    const answer = await call(server.url, { headers });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, `${type}; charset=utf-8`]);
  });

  it('tells the same as JSON', async () => {
    expect((await call(server.url, { headers: JSON_ONLY })).body).toEqual({
      name: 'Tasker',
      description: 'Turns target lists into scan tasks.',
      links: {
        docs: '/docs',
        openapi: '/openapi.json',
        board: '/board',
        health: '/health',
        ready: '/ready',
      },
    });
  });

  it('does not lead to API docs that are switched off', async () => {
    const without = await testServer({ config: { docs: false } });
    try {
      expect((await call(without.url)).text).not.toMatch(/docs|openapi/i);
      expect((await call(without.url, { headers: JSON_ONLY })).body.links).toEqual({
        board: '/board',
        health: '/health',
        ready: '/ready',
      });
    } finally {
      await without.close();
    }
  });

  it('is read only', async () => {
    const { status, headers } = await call(server.url, { method: 'POST' });
    expect([status, headers.allow]).toEqual([405, 'GET']);
  });
});
