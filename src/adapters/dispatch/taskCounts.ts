import type { Redis } from 'ioredis';
import { DEFAULT_PRIORITY, PRIORITIES } from '../../model/submission.ts';
import { TASK_COUNTS_KEY } from '../redis/keys.ts';

/** What becomes of tasks, as it is counted. */
const TASK_EVENTS = ['sent', 'resent', 'done', 'dead'] as const;
type TaskEvent = (typeof TASK_EVENTS)[number];

export interface TaskCount {
  event: TaskEvent;
  priority: string;
  count: number;
}

/**
 * In Lua. Counted by the script that makes it so, for the whole installation: no process that dies takes anything along.
 * `countDone`: `ended` tasks of a scan are out no more; those that were counted before, or have failed, are left out.
 */
export const COUNT_TASKS = `
local function countTasks(event, facts, count)
  if count <= 0 then return end
  local priority = redis.call('HGET', facts, 'priority') or '${DEFAULT_PRIORITY}'
  redis.call('HINCRBY', '${TASK_COUNTS_KEY}', event .. ':' .. priority, count)
end
local function countDone(facts, ended)
  local state, failed, counted = unpack(redis.call('HMGET', facts, 'state', 'failed', 'counted'))
  if state == 'stopped' then return end
  local more = ended - tonumber(failed or 0) - tonumber(counted or 0)
  if more <= 0 then return end
  redis.call('HINCRBY', facts, 'counted', more)
  countTasks('done', facts, more)
end
`;

/** All of them, also those that are 0. */
export async function readTaskCounts(redis: Redis): Promise<TaskCount[]> {
  const counts = await redis.hgetall(TASK_COUNTS_KEY);
  return TASK_EVENTS.flatMap((event) =>
    PRIORITIES.map((priority) => {
      return { event, priority: String(priority), count: Number(counts[`${event}:${priority}`] ?? 0) };
    }),
  );
}
