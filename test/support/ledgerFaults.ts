import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What every request meets instead of an answer:
 *
 * - a number: that status
 * - `nonsense`: a good status without JSON
 * - `hang`: nothing
 * - `close`: a closed connection; `cut`: the same in the middle of an answer
 * - `drip`: a good status, and blanks one by one, without end
 * - `json`: a good status with that
 * - `stall`: a good status, so many bytes, and nothing more
 * - `endless`: that status, and a list that never ends
 * - `redirect`: that status, to there
 * - `pages`: whatever is asked for, as many hosts; `new` ones each time, or the `same`
 */
export type Fault =
  | number
  | 'nonsense'
  | 'hang'
  | 'close'
  | 'cut'
  | 'drip'
  | { json: unknown }
  | { stall: number }
  | { endless: number }
  | { redirect: number; to: string }
  | { pages: 'new' | 'same' };

export async function meet(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (fault === 'hang') return;
  if (fault === 'close') return void request.socket.destroy();
  if (fault === 'nonsense')
    return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
  if (fault === 'cut') {
    response.writeHead(200, { 'content-length': '1000' }).write('[{"ip":"9.9.9.9",');
    await delay(10);
    return void request.socket.destroy();
  }
  if (fault === 'drip') return send(response, 200, dripping());
  if (typeof fault === 'number') return sendJson(response, fault, { detail: 'told to' });
  if ('json' in fault) return sendJson(response, 200, fault.json);
  if ('stall' in fault)
    return void response
      .writeHead(200, { 'content-type': 'application/json' })
      .write(' '.repeat(fault.stall));
  if ('endless' in fault) return send(response, fault.endless, endless());
  if ('redirect' in fault)
    return void response.writeHead(fault.redirect, { location: fault.to + request.url }).end();
  const query = new URL(request.url ?? '', 'http://ledger').searchParams;
  const first = fault.pages === 'new' ? Number(query.get('skip')) : 0;
  return sendJson(response, 200, hosts(first, Number(query.get('limit'))));
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Until the client goes away. */
async function send(response: ServerResponse, status: number, body: AsyncIterable<string>): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/json' });
  await pipeline(Readable.from(body), response).catch(() => {});
  if (!response.closed) await once(response, 'close');
}

async function* dripping(): AsyncGenerator<string> {
  for (;;) {
    yield ' ';
    await delay(1);
  }
}

async function* endless(): AsyncGenerator<string> {
  const piece = '{"ip":"9.9.9.9","hostnames":[]},'.repeat(1_000);
  for (yield '['; ; ) yield piece;
}

function hosts(first: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => {
    const number = first + i;
    return { ip: `11.${number >> 16}.${(number >> 8) & 255}.${number & 255}`, hostnames: [], ports: [] };
  });
}
