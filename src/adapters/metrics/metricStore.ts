import { METRICS_KEY, PROCESSES_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { type Sample, sampleOf } from './samples.ts';

/** Nobody wants to know what was counted so long ago, by whatever is no more. */
const COUNTS_LIFE_S = 30 * 24 * 3600;
/** A process that said nothing for so long is gone. */
const PROCESS_LIFE_S = 30;

/**
 * Adds up, and notes that the process lives.
 * KEYS counts, processes. ARGV {sample: what was counted since}, process, its event loop lag in seconds.
 */
const ADD = new RedisScript<null>(`
for sample, more in pairs(cjson.decode(ARGV[1])) do
  redis.call('HINCRBYFLOAT', KEYS[1], sample, string.format('%.9f', more))
end
redis.call('EXPIRE', KEYS[1], ${COUNTS_LIFE_S})
local now, processes = tonumber(redis.call('TIME')[1]), redis.call('HGETALL', KEYS[2])
for i = 1, #processes, 2 do
  local at = tonumber(string.match(processes[i + 1], '^%d+') or 0)
  if now - at > ${PROCESS_LIFE_S} then redis.call('HDEL', KEYS[2], processes[i]) end
end
redis.call('HSET', KEYS[2], ARGV[2], now .. ' ' .. ARGV[3])
redis.call('EXPIRE', KEYS[2], ${PROCESS_LIFE_S})
`);

/** What a process that runs jobs says of itself. */
export interface JobsProcess {
  name: string;
  /** The longest time that its event loop was late. */
  lagS: number;
}

/**
 * What the jobs processes have counted, in all. They add what has come since the last time, so that a sum goes on where it
 * was when one of them starts anew.
 */
export class MetricStore extends Store {
  async add(more: ReadonlyMap<string, number>, { name, lagS }: JobsProcess): Promise<void> {
    const counts = JSON.stringify(Object.fromEntries(more));
    await ADD.run(this.redis, [METRICS_KEY, PROCESSES_KEY], [counts, name, lagS]);
  }

  async counts(): Promise<Sample[]> {
    const counts = Object.entries(await this.redis.hgetall(METRICS_KEY));
    return counts.flatMap(([key, value]) => sampleOf(key, Number(value)) ?? []);
  }

  /** Those that live. */
  async processes(): Promise<JobsProcess[]> {
    const nowS = timeOf(await this.redis.time()) / 1_000;
    const processes = Object.entries(await this.redis.hgetall(PROCESSES_KEY));
    return processes.flatMap(([name, text]) => {
      const [atS = 0, lagS = 0] = text.split(' ').map(Number);
      return nowS - atS > PROCESS_LIFE_S ? [] : [{ name, lagS }];
    });
  }
}
