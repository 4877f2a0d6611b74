import { randomUUID } from 'node:crypto';
import { scan } from '../../test/support/tasker.ts';
import { type Figure, median, timed } from './figures.ts';
import { withFullWindow } from './fullWindow.ts';
import { processKb } from './processes.ts';

const ROUNDS = 30;

/** A /8 beside a single address, with the window full: accepted, and no task goes out. */
export async function acceptance(): Promise<Figure[]> {
  return withFullWindow(async ({ tasker, redis }) => {
    const accept = (host: string) =>
      timed(async () => {
        const { status } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan([host]));
        if (status !== 200) throw new Error(`run-nmap gave ${status}`);
      });
    for (let round = 0; round < ROUNDS; round++) await accept('9.9.9.9');

    const before = { processKb: processKb(tasker), redis: await usedMemory(redis) };
    const single: number[] = [];
    const network: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      single.push(await accept('9.9.9.9'));
      network.push(await accept('11.0.0.0/8'));
    }
    const grownMb = (processKb(tasker) - before.processKb) / 1024;
    const redisMb = ((await usedMemory(redis)) - before.redis) / 2 ** 20;
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
  });
}

async function usedMemory(redis: { info(section: string): Promise<string> }): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
}
