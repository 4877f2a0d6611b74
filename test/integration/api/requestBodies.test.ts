/** Bodies that are too large, too many, packed too densely, or never come. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { call, SCAN, scan, type TestServer } from '../../support/client.ts';
import { rawConnection, statuses, untilEnd } from '../../support/rawHttp.ts';
import { eventually } from '../../support/services.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

const MB = 2 ** 20;
const PATH = `/tasks/${PROJECT}/run-nmap`;

let server: TestServer;
afterEach(() => server.close());

const head = (token: string, more: string) =>
  `POST ${PATH} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
const packedAs = (encoding: string) => ({ 'content-encoding': encoding });

describe('packed bodies', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('are unpacked: %s', async (encoding, pack) => {
    server = await testServer();
    const answer = await scan(server, pack(JSON.stringify(SCAN)), TOKENS.alice, packedAs(encoding));
    expect(answer.status).toBe(200);
    const broken = await scan(server, Buffer.from('nonsense'), TOKENS.alice, packedAs(encoding));
    expect(broken).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('The body cannot be read: ') },
    });
  });

  it('are refused when they are packed in another way, or twice', async () => {
    server = await testServer();
    for (const encoding of ['zip', 'gzip, gzip', 'constructor'])
      expect((await scan(server, 'x', TOKENS.alice, packedAs(encoding))).status).toBe(415);
  });

  it('are refused when they come to a hundred times their size, and to the limit', async () => {
    server = await testServer();
    const dense = gzipSync(Buffer.alloc(31 * MB, ' '));
    const answer = await scan(server, dense, TOKENS.alice, packedAs('gzip'));
    expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringContaining('100 times') } });
    // Small ones may be as dense as they like.
    const small = gzipSync(JSON.stringify(SCAN).padEnd(MB - 1));
    expect(small.length * 100).toBeLessThan(MB);
    expect((await scan(server, small, TOKENS.alice, packedAs('gzip'))).status).toBe(200);
    const lines = Array.from({ length: 3 * MB }, (_, i) => ((i * 7_919) % 10_007).toString(36)).join(' ');
    const long = await scan(server, gzipSync(lines), TOKENS.alice, packedAs('gzip'));
    expect(long.status).toBe(422);
  });
});

describe('all bodies together', () => {
  const config = { maxBodyBytes: MB, maxBodyTotalBytes: 4 * MB };
  /** A body of 900 KB whose end is missing. */
  const hold = (token: string) =>
    rawConnection(server.url, `${head(token, 'Content-Length: 1000000')}${' '.repeat(900_000)}`);
  const full = ' '.repeat(600_000);

  it('have so much room, and a caller half of it; what ends makes room', async () => {
    const submitting: (() => void)[] = [];
    const submit = () =>
      new Promise<{ id: string; joined: boolean }>((resolve) => {
        submitting.push(() => resolve({ id: PLANNED.id, joined: false }));
      });
    server = await testServer({ config, flows: flowsWith({ submit }) });
    const body = JSON.stringify(SCAN).padEnd(900_000);
    const held = [1, 2].map(() => scan(server, body, TOKENS.admin));
    await eventually('both are held', () => submitting.length === 2);
    const refused = await scan(server, full, TOKENS.admin);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(refused.body.detail).toContain('MAX_BODY_TOTAL');
    expect((await scan(server, full, TOKENS.alice)).status).toBe(422);
    expect((await scan(server, '{}', TOKENS.admin)).status).toBe(422);

    for (const submitted of submitting) submitted();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await scan(server, full, TOKENS.admin)).status).toBe(422);
  });

  it('have room again when callers hang up in the middle', async () => {
    server = await testServer({ config });
    const gone = () => server.lines.filter((line) => line.includes('the caller hung up')).length;
    for (let count = 1; count <= 5; count++) {
      const socket = await hold(TOKENS.admin);
      await eventually('it is taken', () => socket.bytesWritten > 900_000 && socket.writableLength === 0);
      socket.destroy();
      await eventually('it is gone', () => gone() === count);
    }
    const again = await Promise.all([scan(server, full, TOKENS.admin), scan(server, full, TOKENS.admin)]);
    expect(again.map(({ status }) => status)).toEqual([422, 422]);
  });

  it('count as long as they are held, not while their scans are planned', async () => {
    let waiting = 0;
    const untilPlanned = () => {
      waiting += 1;
      return new Promise<never>(() => {});
    };
    server = await testServer({ config, flows: flowsWith({ untilPlanned }) });
    const body = JSON.stringify(SCAN).padEnd(900_000);
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () =>
        rawConnection(server.url, `${head(TOKENS.alice, `Content-Length: ${body.length}`)}`),
      ),
    );
    for (const [index, socket] of sockets.entries()) {
      socket.write(body);
      await eventually('it is being planned', () => waiting === index + 1);
    }
    for (const socket of sockets) socket.destroy();
  });

  it('have no room for one that never ends', async () => {
    server = await testServer({ config, limits: { bodyIdleMs: 300 } });
    const socket = await hold(TOKENS.alice);
    socket.resume();
    const text = await untilEnd(socket);
    expect(statuses(text)).toEqual([408]);
    expect(text).toContain('Nothing of the body came for 0.3 s');
    expect((await scan(server, full, TOKENS.alice)).status).toBe(422);
  });
});

it('nothing is held for somebody who may not call', async () => {
  server = await testServer({ config: { maxBodyBytes: MB, maxBodyTotalBytes: MB } });
  const answer = await call(server.url + PATH, {
    method: 'POST',
    headers: { ...bearer('wrong'), 'content-type': 'application/json' },
    body: ' '.repeat(5 * MB),
  });
  expect(answer.status).toBe(401);
  expect(answer.headers.connection).toBe('close');
});
