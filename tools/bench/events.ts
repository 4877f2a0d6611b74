import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ownInstallation, scan, startTasker, type Tasker, TOKEN } from '../../test/support/tasker.ts';
import { type Figure, percentile, timed } from './figures.ts';
import { startEmptyWorkers } from './latency.ts';

const BROWSERS = 200;
const ROUNDS = 4;
const CALLS = 200;
const SCANS = 20;

/** Calls of the API beside 200 browsers that read events of scans that are being sent, and without them. */
export async function events(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '20' });
  const worker = await startEmptyWorkers(installation);
  try {
    for (let i = 0; i < SCANS; i++)
      await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan([`11.${i}.0.0/16`]));
    await calls(tasker);
    const without: number[] = [];
    const beside: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      without.push(...(await calls(tasker)));
      const browsers = await openStreams(tasker);
      beside.push(...(await calls(tasker)));
      bytes += await browsers.close();
    }
    const detail = `p95 ${percentile(beside, 95).toFixed(1)} ms beside, ${percentile(without, 95).toFixed(1)} ms without; ${beside.length} calls each; ${SCANS} scans sent; ${(bytes / 1e6).toFixed(1)} MB of events`;
    return [
      {
        what: `API while ${BROWSERS} browsers read events, p95`,
        detail,
        value: percentile(beside, 95) / percentile(without, 95),
        limit: { atMost: 1.5 },
        unit: 'x without them',
      },
    ];
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    await tasker.stop();
    await installation.drop();
  }
}

/** As a person does: a look at the list, with a moment between. */
async function calls(tasker: Tasker): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    times.push(await timed(() => tasker.get('/submissions?limit=20')));
    await pause(20);
  }
  return times;
}

async function openStreams({ url }: Tasker): Promise<{ close(): Promise<number> }> {
  let bytes = 0;
  const open = Array.from({ length: BROWSERS }, async () => {
    const asked = get(`${url}/events`, { headers: { authorization: `Bearer ${TOKEN}` }, agent: false });
    const [answer] = await once(asked, 'response');
    answer.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    answer.on('error', () => {});
    return asked;
  });
  const asked = await Promise.all(open);
  return {
    close: async () => {
      for (const one of asked) one.destroy();
      await pause(200);
      return bytes;
    },
  };
}
