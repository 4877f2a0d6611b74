import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type TestServer } from '../../support/client.ts';
import { TOKENS, testServer } from '../../support/testServer.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PAGE = '<!doctype html><title>Tasker</title><script type="module" src="/assets/app-1a2b.js"></script>';
let directory: string;
let server: TestServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-console-'));
  mkdirSync(join(directory, 'web/assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), 'secret');
  writeFileSync(join(directory, 'web/index.html'), PAGE);
  writeFileSync(join(directory, 'web/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(directory, 'web/.hidden'), 'secret');
  writeFileSync(join(directory, 'web/assets/app-1a2b.js'), 'export {};');
  server = await testServer({ consoleDirectory: pathToFileURL(`${directory}/web/`) });
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = HTML) => call(server.url + path, { headers });

describe('the console', () => {
  it('is what browsers get, and nobody keeps its page', async () => {
    const { status, headers, text } = await get('/');
    expect([status, text]).toEqual([200, PAGE]);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });

  it('leaves JSON callers what they had', async () => {
    const { body } = await get('/', { accept: 'application/json' });
    expect(body).toMatchObject({ name: 'Tasker', links: { board: '/board' } });
  });

  it('has files that browsers keep when their names say what is in them', async () => {
    const hashed = await get('/assets/app-1a2b.js');
    expect([hashed.status, hashed.text]).toEqual([200, 'export {};']);
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers['x-content-type-options']).toBe('nosniff');
    const icon = await get('/icon.svg');
    expect([icon.status, icon.headers['cache-control']]).toEqual([200, 'no-store']);
  });

  it.each([
    ...['/nothing', '/assets', '/assets/', '/assets/nothing.js', '/.hidden', '/ASSETS/app-1a2b.js'],
    ...['/../secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt'],
  ])('has nothing else: %s', async (path) => {
    const { status, headers, body } = await get(path);
    expect([status, body.code]).toEqual([404, 'unknown_path']);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is where the board leads a browser that shows nothing, and only that', async () => {
    const page = await get('/board');
    expect([page.status, page.headers.location]).toEqual([303, '/#/login?to=%2Fboard']);
    const script = await get('/board', { accept: '*/*' });
    expect([script.status, script.headers['www-authenticate']]).toEqual([401, 'Basic realm="Tasker"']);
    const data = await get('/board/api/queues', { accept: 'application/json, text/plain, */*' });
    expect(data.status).toBe(401);
    const basic = { ...HTML, authorization: `Basic ${btoa(`x:${TOKENS.admin}`)}` };
    expect((await get('/board', basic)).status).toBe(200);
    expect((await get('/board', { ...HTML, cookie: 'tasker_session=stale' })).status).toBe(303);
  });
});
