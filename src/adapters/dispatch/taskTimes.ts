import { FACTS_PREFIX, projectKeys, submissionKeys, TASK_TIMES_AT_KEY, usageKey } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';
import { readEach } from '../workers/readEach.ts';
import { LONGEST_WORD } from '../workers/words.ts';

/** What lies between two looks counts for so long at most: there may have been nobody to look. */
const LONGEST_STEP_S = 10;
const PROJECT_LIFE_S = 14 * 24 * 3600;
const USAGE_LIFE_S = 2 * 3600;

/**
 * Whoever runs at this moment has run since the last look: over many looks that is exact for short tasks too. The tasks
 * that were begun are those that were sent since the first look at the submission, and those that ran then; of those that
 * run now half of the time is still to come.
 * KEYS when it was looked last. ARGV {running: submission -> how many of its tasks, prefixes of the keys of facts, of
 * projects and of usage, and what is behind the project's}.
 */
const NOTE = new RedisScript<null>(`
local given, time = cjson.decode(ARGV[1]), redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local step = math.min(${LONGEST_STEP_S}, now - tonumber(redis.call('GET', KEYS[1]) or now))
redis.call('SET', KEYS[1], string.format('%.3f', now), 'EX', 60)
local usage = given.usage .. math.floor(now / 60)
for submission, count in pairs(given.running) do
  local facts = given.facts .. submission
  local project, sent, dropped, base = unpack(redis.call('HMGET', facts, 'project', 'sent', 'dropped', 'task_base'))
  if project then
    sent = tonumber(sent or 0) - tonumber(dropped or 0)
    if not base then
      base = sent - count
      redis.call('HSET', facts, 'task_base', base)
    end
    local used = tonumber(redis.call('HINCRBYFLOAT', facts, 'task_time', count * step))
    local begun = sent - tonumber(base)
    if used > 0 then
      local each = string.format('%.3f', used / math.max(1, begun - count / 2))
      redis.call('HSET', facts, 'task_seconds', each)
      redis.call('SET', given.projects .. project .. given.seconds, each, 'EX', ${PROJECT_LIFE_S})
    end
    redis.call('HINCRBYFLOAT', usage, project, count * step)
    redis.call('EXPIRE', usage, ${USAGE_LIFE_S})
  end
end
`);

/** How long tasks take, and whose tasks the workers are busy with, from looks at what runs. */
export class TaskTimes extends Store {
  /** `running`: the ids of all tasks that run at this moment. */
  async note(running: readonly string[]): Promise<void> {
    const counts = new Map<string, number>();
    for (const id of await this.submissionsOf(running)) {
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const [projects = '', seconds = ''] = projectKeys('*').taskSeconds.split('*');
    const prefixes = { facts: FACTS_PREFIX, projects, seconds, usage: usageKey('') };
    await NOTE.run(
      this.redis,
      [TASK_TIMES_AT_KEY],
      [namedFields({ running: Object.fromEntries(counts), ...prefixes })],
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
