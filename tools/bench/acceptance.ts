import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connectRabbit, SCAN_QUEUE } from '../../test/support/scanQueue.ts';
import { ownInstallation, scan, startTasker, type Tasker } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';

const ROUNDS = 30;
const WINDOW = 1_000;

/** A /8 beside a single address, with the window full: accepted, and no task goes out. */
export async function acceptance(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({
    ...installation.env,
    DISPATCH_WINDOW: String(WINDOW),
  });
  try {
    await fillWindow(installation.vhost);
    const accept = (host: string) =>
      timed(async () => {
        const { status } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan([host]));
        if (status !== 200) throw new Error(`run-nmap gave ${status}`);
      });
    for (let round = 0; round < ROUNDS; round++) await accept('9.9.9.9');

    const before = { processKb: processKb(tasker), redis: await usedMemory(installation.redis) };
    const single: number[] = [];
    const network: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      single.push(await accept('9.9.9.9'));
      network.push(await accept('11.0.0.0/8'));
    }
    const grownMb = (processKb(tasker) - before.processKb) / 1024;
    const redisMb = ((await usedMemory(installation.redis)) - before.redis) / 2 ** 20;
    const detail = `/8 ${median(network).toFixed(1)} ms, single address ${median(single).toFixed(1)} ms, medians of ${ROUNDS}`;
    const both = `${ROUNDS} /8 and ${ROUNDS} single addresses together, none sent`;
    return [
      {
        what: 'accepting a /8',
        detail,
        value: median(network) / median(single),
        limit: { atMost: 2 },
        unit: 'x a single address',
      },
      { what: 'processes grow by', detail: both, value: grownMb, limit: { atMost: 50 }, unit: 'MB' },
      { what: 'Redis grows by', detail: both, value: redisMb, limit: { atMost: 5 }, unit: 'MB' },
    ];
  } finally {
    await tasker.stop();
    await installation.drop();
  }
}

async function fillWindow(vhost: string): Promise<void> {
  const connection = await connectRabbit(vhost);
  const channel = await connection.createConfirmChannel();
  for (let index = 0; index < WINDOW; index++) channel.sendToQueue(SCAN_QUEUE, Buffer.from('x'));
  await channel.waitForConfirms();
  await connection.close();
}

/** Resident memory of the service and its jobs process. */
function processKb(tasker: Tasker): number {
  const pid = tasker.process.pid ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return [String(pid), ...children].reduce((sum, each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8');
    return sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }, 0);
}

async function usedMemory(redis: { info(section: string): Promise<string> }): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
}
