import { AT_WORK_KEY, endedKey, RECALLS_KEY } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';

const MINUTES = 60;
const LIFE_S = 2 * 60 * MINUTES;
/** What is not looked at for so long is not compared with what runs now. */
const AT_WORK_LIFE_S = 60;

/**
 * A task that a worker had in hand at an earlier look, that it has not now, and of which nothing is kept any more, has
 * ended there, unless it was recalled. Several processes look: one that looks with an older list neither adds what has
 * ended nor counts what is still out.
 * KEYS at work, recalls. ARGV {running: task -> host, prefix of the keys of minutes}.
 */
const NOTE = new RedisScript<null>(`
local atWork, recalls = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local function isOut(task) return redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1 end
local ended = given.ended .. math.floor(tonumber(redis.call('TIME')[1]) / 60)
local known = redis.call('HGETALL', atWork)
for i = 1, #known, 2 do
  local task, host = known[i], known[i + 1]
  if not given.running[task] and not isOut(task) then
    redis.call('HDEL', atWork, task)
    if redis.call('HEXISTS', recalls, task) == 0 then
      redis.call('HINCRBY', ended, host, 1)
      redis.call('EXPIRE', ended, ${LIFE_S})
    end
  end
end
for task, host in pairs(given.running) do
  if isOut(task) then redis.call('HSET', atWork, task, host) end
end
redis.call('EXPIRE', atWork, ${AT_WORK_LIFE_S})
`);

/** How many tasks each worker has ended, from looks at what runs: one that is over between two looks is not seen. */
export class EndedStore extends Store {
  /** @param running task -> host of the worker that has it in hand at this moment */
  async note(running: Readonly<Record<string, string>>): Promise<void> {
    await NOTE.run(this.redis, [AT_WORK_KEY, RECALLS_KEY], [namedFields({ running, ended: endedKey('') })]);
  }

  /** By host, of the last hour. */
  async lastHour(): Promise<Map<string, number>> {
    const minute = Math.floor(timeOf(await this.redis.time()) / 60_000);
    const pipeline = this.redis.pipeline();
    for (let back = 0; back < MINUTES; back++) pipeline.hgetall(endedKey(minute - back));
    const sums = new Map<string, number>();
    for (const row of repliesOf<Record<string, string>>(await pipeline.exec())) {
      for (const [host, tasks] of Object.entries(row)) sums.set(host, (sums.get(host) ?? 0) + Number(tasks));
    }
    return sums;
  }
}
