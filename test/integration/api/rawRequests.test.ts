/** What a hostile client or a careless proxy may write on a connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestServer } from '../../support/client.ts';
import { exchange, rawConnection, statuses, untilEnd } from '../../support/rawHttp.ts';
import { PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());
/** What was sent behind a request is begun at the same time as that one: by then it is in the log. */
const settled = () => exchange(server.url, LAST);

const STOP = `GET /tasks/${PROJECT}/stop-nmap HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${TOKENS.admin}\r\n\r\n`;
const LAST = 'GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n';
const stops = () => server.lines.filter((line) => line.includes('scans stopped')).length;

const post = (...headers: string[]) =>
  [
    `POST /tasks/${PROJECT}/run-nmap HTTP/1.1`,
    'Host: t',
    `Authorization: Bearer ${TOKENS.admin}`,
    'Content-Type: application/json',
    ...headers,
  ].join('\r\n');

describe('what can be read in two ways is refused, and nothing behind it is a request', () => {
  it.each([
    [
      'a length and chunks',
      `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n${STOP}`,
    ],
    [
      'chunks and a length',
      `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n${STOP}`,
    ],
    ['two lengths', `${post('Content-Length: 2', 'Content-Length: 0')}\r\n\r\n{}${STOP}`],
    ['the same length twice', `${post('Content-Length: 2', 'Content-Length: 2')}\r\n\r\n{}${STOP}`],
    ['a list of lengths', `${post('Content-Length: 2, 2')}\r\n\r\n{}${STOP}`],
    ['a signed length', `${post('Content-Length: +2')}\r\n\r\n{}${STOP}`],
    ['a hexadecimal length', `${post('Content-Length: 0x2')}\r\n\r\n{}${STOP}`],
    ['a length that wraps', `${post('Content-Length: 18446744073709551618')}\r\n\r\n{}${STOP}`],
    [
      'chunks that are not the last coding',
      `${post('Transfer-Encoding: chunked, identity')}\r\n\r\n0\r\n\r\n${STOP}`,
    ],
    ['an unknown coding', `${post('Transfer-Encoding: xchunked')}\r\n\r\n0\r\n\r\n${STOP}`],
    ['a blank before the colon', `${post('Transfer-Encoding : chunked')}\r\n\r\n0\r\n\r\n${STOP}`],
    ['a folded header', `${post('X-A: b\r\n Content-Length: 2')}\r\n\r\n{}${STOP}`],
    ['bare line feeds', STOP.replaceAll('\r\n', '\n')],
    ['a bare line feed in a header', `${post('X-A: b\nContent-Length: 2')}\r\n\r\n{}${STOP}`],
    ['a bare carriage return', `${post('X-A: b\rContent-Length: 2')}\r\n\r\n{}${STOP}`],
    ['a zero byte', `${post('X-A: b\0c')}\r\n\r\n${STOP}`],
    ['chunks with bare line feeds', `${post('Transfer-Encoding: chunked')}\r\n\r\n2\n{}\n0\n\n${STOP}`],
    ['a chunk of no length', `${post('Transfer-Encoding: chunked')}\r\n\r\n\r\n{}\r\n0\r\n\r\n${STOP}`],
    [
      'a chunk longer than it says',
      `${post('Transfer-Encoding: chunked')}\r\n\r\n1\r\n{}\r\n0\r\n\r\n${STOP}`,
    ],
    ['no host', STOP.replace('Host: t\r\n', '') + STOP],
    ['two hosts', STOP.replace('Host: t', 'Host: t\r\nHost: u') + STOP],
    ['two tokens', STOP.replace('\r\n\r\n', '\r\nAuthorization: Bearer x\r\n\r\n') + STOP],
    ['another version', STOP.replace('HTTP/1.1', 'HTTP/9.9') + STOP],
    ['another protocol', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${STOP}`],
    ['too many headers', `${post('X-A: '.padEnd(20_000, 'a'))}\r\n\r\n${STOP}`],
  ])('%s', async (_, sent) => {
    const before = stops();
    const answered = statuses(await exchange(server.url, sent));
    expect(answered).toHaveLength(1);
    expect(answered[0]).toSatisfy((status: number) => status >= 400 && status <= 505);
    await settled();
    expect(stops()).toBe(before);
  });

  it('the same requests are taken when they are written properly', async () => {
    const before = stops();
    const chunked = `${post('Transfer-Encoding: chunked')}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
    const plain = `${post('Content-Length: 2')}\r\n\r\n{}`;
    expect(statuses(await exchange(server.url, chunked + plain + STOP + LAST))).toEqual([422, 422, 200, 200]);
    expect(stops()).toBe(before + 1);
  });
});

describe('requests that are sent ahead', () => {
  it('are answered in their order', async () => {
    const ask = (path: string, id: number) =>
      `GET ${path} HTTP/1.1\r\nHost: t\r\nX-Request-Id: n-${id}\r\nAuthorization: Bearer ${TOKENS.admin}\r\n\r\n`;
    const paths = [
      '/workers/ips',
      '/health',
      '/nothing',
      `/tasks/${PROJECT}/status`,
      '/health',
      '/workers/ips',
    ];
    const text = await exchange(server.url, paths.map(ask).join('') + LAST);
    expect(statuses(text)).toEqual([200, 200, 404, 200, 200, 200, 200]);
    const ids = Array.from(text.matchAll(/^X-Request-Id: n-(\d)/gm), ([, id]) => Number(id));
    expect(ids).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('behind the last one are none', async () => {
    const before = stops();
    expect(statuses(await exchange(server.url, LAST + STOP))).toHaveLength(1);
    const old = 'GET /health HTTP/1.0\r\n\r\n';
    expect(statuses(await exchange(server.url, old + STOP))).toHaveLength(1);
    await settled();
    expect(stops()).toBe(before);
  });

  it('behind a body that was refused before it came are none: the connection ends', async () => {
    const before = stops();
    const refused = post('Content-Length: 1000').replace(TOKENS.admin, 'wrong');
    const socket = await rawConnection(server.url, `${refused}\r\n\r\n`);
    const [first] = (
      await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
    ).split('\r\n\r\n');
    expect(first).toContain('401');
    expect(first?.toLowerCase()).toContain('connection: close');
    socket.write(STOP.padEnd(1_000) + STOP);
    await untilEnd(socket);
    await settled();
    expect(stops()).toBe(before);
  });
});

describe('who asks for another protocol', () => {
  it.each(['websocket', 'h2c', 'TLS/1.0'])(
    '%s: is answered in this one, and the connection ends',
    async (protocol) => {
      const upgrade = (path: string) =>
        `GET ${path} HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`;
      const before = stops();
      for (const [path, status] of [
        ['/health', 200],
        ['/board/', 401],
        ['/nothing', 404],
      ] as const)
        expect(statuses(await exchange(server.url, upgrade(path) + STOP))).toEqual([status]);
      await settled();
      expect(stops()).toBe(before);
    },
  );

  it('a tunnel is refused', async () => {
    const before = stops();
    const sent = `CONNECT t:443 HTTP/1.1\r\nHost: t:443\r\n\r\n${STOP}`;
    expect(statuses(await exchange(server.url, sent))).toEqual([405]);
    await settled();
    expect(stops()).toBe(before);
  });
});
