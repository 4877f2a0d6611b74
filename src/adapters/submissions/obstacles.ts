/**
 * What keeps submissions from going on: jobs that gave up, queues that somebody paused, projects that the users' store
 * does not know. The first two are BullMQ's own keys; nothing is noted beside them, so nothing can differ from them.
 */
import type { Redis } from 'ioredis';
import { STAGE_NAMES, type StageName } from '../../model/submission.ts';
import type { Pause } from '../dispatch/pauseStore.ts';
import { FACTS_PREFIX, PAUSED_KEY, PROJECT_PREFIX, UNKNOWN_PROJECTS_KEY } from '../redis/keys.ts';
import { pairsOf } from '../redis/readAtOnce.ts';
import { QUEUE_PREFIX } from '../redis/redis.ts';
import { RedisScript } from '../redis/script.ts';

/**
 * The class of the error that a job gave up with stands at the beginning of its stack: the only place that BullMQ has
 * for it. So a failure that the scope rules are the reason of is known again.
 */
const SCOPE_ERROR = 'ScopeError: ';
/** The same, when the rules are others by now than those of the plan. */
const SCOPE_CHANGED = 'ScopeChangedError: ';

/** A job that is out of tries, and waits for a retry. */
export interface FailedJob {
  id: string;
  submission: string;
  stage: StageName;
  reason: string;
  /** Epoch milliseconds. */
  failedAtMs: number;
  /** Because of the scope rules. */
  byScope: boolean;
  /** Because they are others by now than those of the plan. */
  scopeChanged: boolean;
}

/** What was paused, by whom. */
export type PausedBy = Pause & { what: 'submission' | 'project' | 'installation' };

export interface Obstacles {
  /** By submission. */
  failed: Map<string, readonly FailedJob[]>;
  /** The stages whose queues are paused on the board, in the order of the flow. */
  paused: readonly StageName[];
  /** By submission: that somebody paused it, its project or everything. */
  pauses: ReadonlyMap<string, PausedBy>;
  /** Project -> since when, ISO 8601. */
  unknownProjects: ReadonlyMap<string, string>;
}

/**
 * One look: a caller who waits asks once a second. Job ids begin with that of their submission.
 * KEYS unknown projects, then the failed jobs and the meta key of each queue. ARGV prefix of the queues' keys, names of
 * the queues, then the submissions.
 * Returns the paused queues, the failed jobs (queue, id, submission, reason, stacks, when), the unknown projects, the
 * pauses (submission, what was paused, JSON).
 */
const OBSTACLES = new RedisScript<
  [StageName[], FailedReply[], string[], [string, PausedBy['what'], string][]]
>(`
local queues = (#KEYS - 1) / 2
local wanted, paused, failed = {}, {}, {}
for i = queues + 2, #ARGV do wanted[ARGV[i]] = true end
for i = 1, queues do
  local queue = ARGV[i + 1]
  if redis.call('HEXISTS', KEYS[2 * i + 1], 'paused') == 1 then paused[#paused + 1] = queue end
  local jobs = redis.call('ZRANGE', KEYS[2 * i], 0, -1, 'WITHSCORES')
  for j = 1, #jobs, 2 do
    local job = jobs[j]
    local submission = string.match(job, '^(.+)%-' .. queue)
    if submission and wanted[submission] then
      local told = redis.call('HMGET', ARGV[1] .. queue .. ':' .. job, 'failedReason', 'stacktrace')
      failed[#failed + 1] = {queue, job, submission, told[1] or '', told[2] or '[]', jobs[j + 1]}
    end
  end
end
local all, pauses = redis.call('GET', '${PAUSED_KEY}'), {}
for i = queues + 2, #ARGV do
  local own, project = unpack(redis.call('HMGET', '${FACTS_PREFIX}' .. ARGV[i], 'paused', 'project'))
  local ofProject = project and redis.call('HGET', '${PROJECT_PREFIX}' .. project .. ':dispatch', 'paused')
  if own then pauses[#pauses + 1] = {ARGV[i], 'submission', own}
  elseif ofProject then pauses[#pauses + 1] = {ARGV[i], 'project', ofProject}
  elseif all then pauses[#pauses + 1] = {ARGV[i], 'installation', all} end
end
return {paused, failed, redis.call('HGETALL', KEYS[1]), pauses}
`);

type FailedReply = [
  stage: StageName,
  id: string,
  submission: string,
  reason: string,
  stacks: string,
  at: string,
];

/** What stands in the way of these submissions. */
export async function readObstacles(redis: Redis, submissions: readonly string[]): Promise<Obstacles> {
  const queue = (name: string) => `${QUEUE_PREFIX}:${name}`;
  const [paused, jobs, unknown, pausedBy] = await OBSTACLES.run(
    redis,
    [
      UNKNOWN_PROJECTS_KEY,
      ...STAGE_NAMES.flatMap((name) => [`${queue(name)}:failed`, `${queue(name)}:meta`]),
    ],
    [queue(''), ...STAGE_NAMES, ...submissions],
  );
  const failed = new Map<string, FailedJob[]>();
  for (const [stage, id, submission, reason, stacks, at] of jobs) {
    const stack = lastOf(stacks);
    const scopeChanged = stack.startsWith(SCOPE_CHANGED);
    const byScope = scopeChanged || stack.startsWith(SCOPE_ERROR);
    const job = { id, submission, stage, reason, failedAtMs: Number(at), byScope, scopeChanged };
    failed.set(submission, [...(failed.get(submission) ?? []), job]);
  }
  const pauses = pausedBy.map(([id, what, text]) => [id, { ...(JSON.parse(text) as Pause), what }] as const);
  return { failed, paused, pauses: new Map(pauses), unknownProjects: new Map(pairsOf(unknown)) };
}

/** Of the stacks that BullMQ keeps, one for each try. */
function lastOf(stacks: string): string {
  const list: unknown = JSON.parse(stacks);
  return Array.isArray(list) ? String(list.at(-1)) : '';
}
