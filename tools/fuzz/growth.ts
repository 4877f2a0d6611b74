/** What is left behind by many requests. */
import type { Redis } from 'ioredis';
import { pause } from '../attack/row.ts';
import { residentMb, type TaskerProcess } from '../attack/taskerProcess.ts';

export interface Footprint {
  apiMb: number;
  jobsMb: number;
  redisMb: number;
  keys: number;
}

const LOOK_EVERY_MS = 1_000;
const MOST_LOOKS = 30;

/** Once nothing moves any more: as many keys as a second before, three times in a row. */
export async function footprint(tasker: TaskerProcess, redis: Redis): Promise<Footprint> {
  let last = -1;
  let still = 0;
  for (let looks = 0; looks < MOST_LOOKS && still < 3; looks++) {
    await pause(LOOK_EVERY_MS);
    const now = await redis.dbsize();
    still = now === last ? still + 1 : 0;
    last = now;
  }
  const [apiMb = 0, jobsMb = 0] = tasker.pids().map(residentMb);
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
  return { apiMb, jobsMb, redisMb: used / 2 ** 20, keys: last };
}

/** Beyond what a submission may leave for its 24 hours. A heap grows by some 170 MB before it is collected; a leak goes on. */
const BARS = { processMb: 250, redisMb: 20, keys: 2_000 };
const EACH_ACCEPTED = { redisKb: 40, keys: 60 };

/** What grew more than so many accepted scans and plans explain. */
export function growth(before: Footprint, after: Footprint, accepted: number): string[] {
  const most = {
    apiMb: BARS.processMb,
    jobsMb: BARS.processMb,
    redisMb: BARS.redisMb + (accepted * EACH_ACCEPTED.redisKb) / 1024,
    keys: BARS.keys + accepted * EACH_ACCEPTED.keys,
  };
  return (Object.keys(most) as (keyof Footprint)[])
    .filter((name) => after[name] - before[name] > most[name])
    .map(
      (name) =>
        `${name} ${before[name].toFixed(0)} -> ${after[name].toFixed(0)}, at most ${most[name].toFixed(0)} more`,
    );
}
