import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  /** The connection of this call was closed. */
  closed: boolean;
}

/** Who is called: a real server on this machine, which notes all calls and answers as it is told. */
export async function webhookReceiver(answer: (res: ServerResponse, call: Received) => void = ok) {
  const calls: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const call = { path: req.url ?? '', headers: req.headers, text, closed: false };
      res.on('close', () => {
        call.closed = true;
      });
      calls.push(call);
      answer(res, call);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    calls,
    /** The types of the events, in the order in which they came. */
    types: () => calls.map(({ text }) => String(JSON.parse(text).type)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer that never ends, as fast as it is read. */
export function endlessly(res: ServerResponse): void {
  res.writeHead(200);
  const more = () => {
    while (!res.destroyed && res.write('x'.repeat(65_536)));
    if (!res.destroyed) res.once('drain', more);
  };
  more();
}

const ok = (res: ServerResponse) => void res.end('{}');

/** As https://www.standardwebhooks.com tells a receiver to do it. */
export function isSigned(secret: string, { headers, text }: Received): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const expected = createHmac('sha256', key).update(signed).digest();
  const isFresh = Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp'])) < 300;
  const given = String(headers['webhook-signature']).split(' ');
  return (
    isFresh &&
    given.some((each) => {
      const [version, signature = ''] = each.split(',');
      const bytes = Buffer.from(signature, 'base64');
      return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
    })
  );
}
