/** What the processes and Redis hold while a row is tried. */
import type { Redis } from 'ioredis';
import { forgetPeak, peakMb, type TaskerProcess } from './taskerProcess.ts';

const LOOK_EVERY_MS = 200;
/** A process that gets here has lost, and the machine belongs to others as well. */
const ENOUGH_MB = 1_500;

export interface Held {
  apiMb: number;
  jobsMb: number;
  redisMb: number;
  /** A process ended, or was another one in the end. */
  restarted: boolean;
}

export function watchMemory(tasker: TaskerProcess, redis: Redis): { end(): Promise<Held> } {
  const before = tasker.pids();
  for (const pid of before) forgetPeak(pid);
  const held: Held = { apiMb: 0, jobsMb: 0, redisMb: 0, restarted: false };
  const look = async () => {
    const [api = 0, jobs = 0] = before.map(peakMb);
    held.apiMb = Math.max(held.apiMb, api);
    held.jobsMb = Math.max(held.jobsMb, jobs);
    held.restarted ||= tasker.pids().join() !== before.join();
    if (Math.max(api, jobs) > ENOUGH_MB) await tasker.kill();
    held.redisMb = Math.max(held.redisMb, await usedMb(redis));
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => {});
  }, LOOK_EVERY_MS);
  return {
    async end() {
      clearInterval(timer);
      await looking;
      await look();
      return held;
    },
  };
}

export async function usedMb(redis: Redis): Promise<number> {
  return Math.round(Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0) / 2 ** 20);
}
