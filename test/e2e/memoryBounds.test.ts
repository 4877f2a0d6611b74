/** What callers do not read, and what they send at once, stays in bounded memory. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawConnection, statuses } from '../support/rawHttp.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

const MOST_MB = 600;
const MB = 2 ** 20;
const PROJECT = randomUUID();
const RUN = `/tasks/${PROJECT}/run-nmap`;

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, ROLE: 'all' });
});
afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

/** The most memory that the API process ever had. */
function peakMb(): number {
  const status = readFileSync(`/proc/${tasker.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

const octetOf = (i: number) => (i & 127) * 2;
const network = (i: number) => `11.${(i >> 15) & 255}.${(i >> 7) & 255}`;

it.each([
  ['many ranges', Array.from({ length: 300_000 }, (_, i) => `${network(i)}.${octetOf(i)}`)],
  [
    'long entries',
    Array.from({ length: 40_000 }, (_, i) => `${network(i)}.${Array(80).fill(octetOf(i)).join()}`),
  ],
])('memory is bounded beside thirty that do not read the plan of %s', async (_, hosts) => {
  const { status, body } = await tasker.post(`/tasks/${PROJECT}/plan`, scan([hosts.join('\n')]));
  expect(status).toBe(200);
  const path = body.plan.href;
  const heard = new Map<number, number>();
  const sockets = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const head = `GET ${path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
      const socket = await rawConnection(tasker.url, head);
      socket.once('data', (data: Buffer) => {
        socket.pause();
        heard.set(index, statuses(data.toString('latin1'))[0] ?? 0);
      });
      return socket;
    }),
  );
  await eventually('all have heard something', () => heard.size === 30, 120_000);
  expect(new Set(heard.values())).toEqual(new Set([200, 503]));
  expect(peakMb()).toBeLessThan(MOST_MB);
  for (const socket of sockets) socket.destroy();
  await eventually('the plan can be read again', async () => (await tasker.get(path)).status === 200);
});

async function send(body: Uint8Array, encoding: string): Promise<number> {
  const response = await fetch(tasker.url + RUN, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'content-encoding': encoding,
    },
    body: Buffer.from(body),
  });
  await response.arrayBuffer();
  return response.status;
}

it('memory is bounded beside forty bodies at once that unpack to 31 MB, and forty that are as long', async () => {
  const long = Buffer.from(JSON.stringify({ ...scan(['']), pad: ' '.repeat(31 * MB) }));
  const zipped = gzipSync(long);
  const packed = await Promise.all(Array.from({ length: 40 }, () => send(zipped, 'gzip')));
  expect(packed.every((status) => status === 413 || status === 503)).toBe(true);
  expect(packed).toContain(413);
  const plain = await Promise.all(Array.from({ length: 40 }, () => send(long, 'identity')));
  expect(plain.every((status) => status === 422 || status === 503)).toBe(true);
  expect(plain).toContain(422);
  expect(peakMb()).toBeLessThan(MOST_MB);
}, 180_000);

it.each(['[]', '{}', '{"a":1}', '""', '[[]]', '1.5'])(
  'memory stays bounded with millions of %s',
  async (item) => {
    const list = `[${`${item},`.repeat(Math.floor((31 * MB) / (item.length + 1)))}${item}]`;
    const body = JSON.stringify(scan(['8.8.8.8'])).replace('["8.8.8.8"]', list);
    expect(await send(Buffer.from(body), 'identity')).toBe(422);
    expect(peakMb()).toBeLessThan(MOST_MB);
  },
);
