import {
  FACTS_PREFIX,
  projectKeys,
  submissionKeys,
  TASK_TIMES_AT_KEY,
  TURNS_KEY,
  turnTagsKey,
  usageKey,
} from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';
import { readEach } from '../workers/readEach.ts';
import { LONGEST_WORD } from '../workers/words.ts';
import { COUNT_TASKS } from './taskCounts.ts';
import { MOVE_ON, NUMBERS_PER_SECOND } from './turnStore.ts';

/** What lies between two looks counts for so long at most: there may have been nobody to look. */
const LONGEST_STEP_S = 10;
const PROJECT_LIFE_S = 14 * 24 * 3600;
const USAGE_LIFE_S = 2 * 3600;
/** Of the standard error: what is beyond is no accident. */
const SURE = 2;
/** Numbers of the order: two seconds of worker time. */
const MUCH = 2 * NUMBERS_PER_SECOND;

/**
 * Whoever runs at this moment has run since the last look: over many looks that is exact for short tasks too. What was
 * published and is out no more has ended; of those that run now half of the time is still to come. What was charged for
 * those that were sent (see TurnStore) is set right by that, unless it is within the error of so many looks: before the
 * first looks it was a guess, and of a long task it is known late.
 * KEYS when it was looked last, virtual times. ARGV {running: submission -> how many of its tasks, prefixes of the keys of
 * facts, of projects, of usage and of tags, what is behind the project's and the submission's}.
 * Returns the submissions whose charge has changed by much.
 */
const NOTE = new RedisScript<string[]>(`${MOVE_ON}${COUNT_TASKS}
local given, time, changed = cjson.decode(ARGV[1]), redis.call('TIME'), {}
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local step = math.min(${LONGEST_STEP_S}, now - tonumber(redis.call('GET', KEYS[1]) or now))
redis.call('SET', KEYS[1], string.format('%.3f', now), 'EX', 60)
local usage = given.usage .. math.floor(now / 60)
for submission, count in pairs(given.running) do
  local facts = given.facts .. submission
  local project, published = unpack(redis.call('HMGET', facts, 'project', 'published'))
  if project then
    local sent = tonumber(published or 0)
    local used = tonumber(redis.call('HINCRBYFLOAT', facts, 'task_time', count * step))
    local outKey = facts .. given.out
    local ended = sent - redis.call('SINTERSTORE', outKey, outKey, 'project:' .. project .. ':task_ids')
    countDone(facts, ended)
    local ttl = redis.call('PTTL', facts)
    if ttl > 0 then redis.call('PEXPIRE', outKey, ttl) end
    if used > 0 then
      -- Before the first one ends it is only known how long those take that run.
      local each = string.format('%.3f', used / math.max(1, ended > 0 and ended + count / 2 or count))
      redis.call('HSET', facts, 'task_seconds', each)
      redis.call('SET', given.projects .. project .. given.seconds, each, 'EX', ${PROJECT_LIFE_S})
      local charged, priority = unpack(redis.call('HMGET', facts, 'task_charged', 'priority'))
      local ofProject = given.projects .. project
      local weight = tonumber(redis.call('HGET', ofProject .. ':dispatch', 'weight') or 1)
      local siblings = math.max(1, redis.call('ZINTERCARD', 2, ofProject .. ':senders', ofProject .. ':open'))
      local off = sent * each - tonumber(charged or 0)
      if math.abs(off) < ${SURE} * math.sqrt(used * step) then off = 0 end
      redis.call('HINCRBYFLOAT', facts, 'task_charged', off)
      local by = off * ${NUMBERS_PER_SECOND} / weight
      local virtual = tonumber(redis.call('HGET', KEYS[2], priority or '3') or 0)
      local tags = given.tags .. (priority or '3')
      moveOn(tags, project, virtual, by)
      moveOn(tags, submission, virtual, siblings * by)
      if math.abs(by) >= ${MUCH} then changed[#changed + 1] = submission end
    end
    redis.call('HINCRBYFLOAT', usage, project, count * step)
    redis.call('EXPIRE', usage, ${USAGE_LIFE_S})
  end
end
return changed
`);

/** How long tasks take, and whose tasks the workers are busy with, from looks at what runs. */
export class TaskTimes extends Store {
  /** `running`: the ids of all tasks that run at this moment. Gives the submissions that stand in line by a wrong charge. */
  async note(running: readonly string[]): Promise<string[]> {
    const counts = new Map<string, number>();
    for (const id of await this.submissionsOf(running)) {
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const [projects = '', seconds = ''] = projectKeys('*').taskSeconds.split('*');
    const prefixes = { facts: FACTS_PREFIX, projects, seconds, usage: usageKey(''), tags: turnTagsKey('') };
    const out = submissionKeys('').out.slice(FACTS_PREFIX.length);
    return NOTE.run(
      this.redis,
      [TASK_TIMES_AT_KEY, TURNS_KEY],
      [namedFields({ running: Object.fromEntries(counts), ...prefixes, out })],
    );
  }

  /** Whose tasks these are; undefined for those that are not out, or not of this version. */
  async submissionsOf(tasks: readonly string[]): Promise<(string | undefined)[]> {
    const fields = await readEach(this.redis, tasks.map(workerKeys.task), LONGEST_WORD, [
      'HMGET',
      'submission',
    ]);
    return fields.map((words) => words?.[0] || undefined);
  }

  /** By project, how many of these tasks are its own. */
  async projectsOf(tasks: readonly string[]): Promise<Map<string, number>> {
    const submissions = (await this.submissionsOf(tasks)).filter((id) => id !== undefined);
    const pipeline = this.redis.pipeline();
    for (const id of submissions) pipeline.hget(submissionKeys(id).facts, 'project');
    const counts = new Map<string, number>();
    for (const project of repliesOf<string | null>(await pipeline.exec())) {
      if (project !== null) counts.set(project, (counts.get(project) ?? 0) + 1);
    }
    return counts;
  }

  /** By project, the seconds of workers that it had in the minute that runs and the full ones before it. */
  async usage(minutes: number): Promise<Map<string, number>> {
    const minute = Math.floor(timeOf(await this.redis.time()) / 60_000);
    const pipeline = this.redis.pipeline();
    for (let back = 0; back <= minutes; back++) pipeline.hgetall(usageKey(minute - back));
    const sums = new Map<string, number>();
    for (const row of repliesOf<Record<string, string>>(await pipeline.exec())) {
      for (const [project, seconds] of Object.entries(row))
        sums.set(project, (sums.get(project) ?? 0) + Number(seconds));
    }
    return sums;
  }
}
