import { projectKeys, submissionKeys, TURN_CHARGES_KEY, TURNS_KEY, turnTagsKey } from '../redis/keys.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Numbers of one priority. BullMQ knows 2,097,151 in all. */
export const BAND = 400_000;
/** From here on the numbers of a priority are moved back, so that they do not run out. */
const FAR = BAND / 2;
/** Numbers for one second of worker time: so parts that take less than a second differ. */
export const NUMBERS_PER_SECOND = 10;
/** Until it is measured what a task takes. */
const SECONDS_OF_TASK = 1;
/** Who took no turn for so long does not count among those that share the time of their project: it may be paused. */
const SENDS_LATELY_S = 600;
/** Longer than anything waits that has a number. */
const LIFE_S = 30 * 24 * 3600;

/** In Lua: moves a tag on from where it is, or from now. One that has passed gives no more credit than none. */
export const MOVE_ON = `
local function tagOf(tags, member, now) return math.max(now, tonumber(redis.call('ZSCORE', tags, member) or 0)) end
local function moveOn(tags, member, now, by)
  redis.call('ZADD', tags, math.max(now, tagOf(tags, member, now) + by), member)
end
`;

/**
 * What was sent is charged by what its tasks take, whatever the part was expected to be; what is given a new turn before it
 * was sent, is not charged for the old one. Then the next part begins where the tag of its submission stands, or now; the
 * first one of a submission not before the tag of its project. Both tags move on by its cost, that of the submission by as
 * much more as submissions of the project send: so these share what the project gets.
 * KEYS virtual times, charges, facts, settings of the project, seconds a task of the project, open submissions of it,
 * those that took a turn lately.
 * ARGV prefix of the tags, life in seconds, {project, submission, lane, sent: {priority, tag, tasks} of the part before, if
 * there was one; tasks: of the part that follows, if one does}.
 * Returns the priority, and the tag as text: Redis cuts numbers off. Nothing, if none follows.
 */
const TURN = new RedisScript<[priority: string, tag: string] | null>(`${MOVE_ON}
local times, charges, facts, settings, seconds, open, senders = unpack(KEYS)
local prefix, life, given = ARGV[1], ARGV[2], cjson.decode(ARGV[3])
local field, sent = given.submission .. ' ' .. given.lane, given.sent
local each = tonumber(redis.call('HGET', facts, 'task_seconds') or redis.call('GET', seconds) or ${SECONDS_OF_TASK})
local weight = tonumber(redis.call('HGET', settings, 'weight') or 1)
local function cost(tasks) return tasks * each * ${NUMBERS_PER_SECOND} / weight end

local function nowIn(priority) return tonumber(redis.call('HGET', times, priority) or 0) end
local clock = tonumber(redis.call('TIME')[1])
redis.call('ZADD', senders, clock, given.submission)
redis.call('ZREMRANGEBYSCORE', senders, '-inf', clock - ${SENDS_LATELY_S})
redis.call('EXPIRE', senders, ${SENDS_LATELY_S})
local siblings = math.max(1, redis.call('ZINTERCARD', 2, senders, open))
local function moveBoth(tags, now, by)
  moveOn(tags, given.project, now, by)
  moveOn(tags, given.submission, now, siblings * by)
  redis.call('EXPIRE', tags, life)
end

local chargedIn, charged = string.match(redis.call('HGET', charges, field) or '', '(%S+) (%S+)')
charged = tonumber(charged or 0)
redis.call('HDEL', charges, field)
if sent then
  local tags = prefix .. sent.priority
  local now = math.max(nowIn(sent.priority), sent.tag)
  redis.call('HSET', times, sent.priority, now)
  redis.call('EXPIRE', times, life)
  moveBoth(tags, now, cost(sent.tasks) - charged)
  redis.call('ZREMRANGEBYSCORE', tags, '-inf', now)
  if redis.call('EXISTS', facts) == 1 then redis.call('HINCRBYFLOAT', facts, 'task_charged', sent.tasks * each) end
end
if not given.tasks then return end
local priority = redis.call('HGET', facts, 'priority') or '3'
local tags, now = prefix .. priority, nowIn(priority)
if not sent and charged > 0 then moveBoth(prefix .. chargedIn, nowIn(chargedIn), -charged) end
local tag = tagOf(tags, given.submission, now)
-- One that has sent nothing stands behind what its project was given.
if redis.call('HEXISTS', facts, 'task_charged') == 0 then tag = math.max(tag, tagOf(tags, given.project, now)) end
redis.call('ZADD', tags, tag, given.submission)
moveBoth(tags, now, cost(given.tasks))
redis.call('HSET', charges, field, priority .. ' ' .. cost(given.tasks))
redis.call('EXPIRE', charges, life)
return {priority, string.format('%.3f', tag)}
`);

/** KEYS virtual times, tags. ARGV priority. Returns by how much the virtual time and the tags went back. */
const MOVE_BACK = new RedisScript<number>(`
local by = math.floor(tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0))
if by == 0 then return 0 end
redis.call('HINCRBYFLOAT', KEYS[1], ARGV[1], -by)
for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('ZINCRBY', KEYS[2], -by, member) end
return by
`);

export interface Turn {
  /** In BullMQ's order: the lowest goes first. */
  number: number;
  /** {@link TurnStore.moveBack} is due. */
  far: boolean;
}

/** What of a lane was sent: with which number, and how many tasks. */
export interface SentPart {
  number: number;
  tasks: number;
}

/**
 * Whose turn it is to send, by start-time fair queueing. In each priority projects and submissions have tags: the virtual
 * time at which all that they were given so far ends. The next part begins there, or at the virtual time of what is being
 * sent; so a project that had nothing to send earns no credit. The lowest number is next, and a part costs less the more
 * weight its project has: projects that always have something to send get shares of worker time like their weights.
 */
export class TurnStore extends Store {
  /** The turn of the next part of a lane, which will be so many tasks; `sent`: the one before it. */
  async take(
    submission: { id: string; project: string },
    { lane, tasks, sent }: { lane: number; tasks: number; sent?: SentPart | undefined },
  ): Promise<Turn> {
    const [priority, tag] = (await this.#turn(submission, { lane, tasks, sent })) ?? [];
    return { number: numberOf(Number(priority), Number(tag)), far: Number(tag) >= FAR };
  }

  /** The lane has ended with this part. */
  async end(
    submission: { id: string; project: string },
    { lane, sent }: { lane: number; sent: SentPart },
  ): Promise<void> {
    await this.#turn(submission, { lane, sent });
  }

  #turn(
    { id, project }: { id: string; project: string },
    { lane, tasks, sent }: { lane: number; tasks?: number; sent: SentPart | undefined },
  ) {
    const { dispatch, open, taskSeconds, senders } = projectKeys(project);
    const { facts } = submissionKeys(id);
    const keys = [TURNS_KEY, TURN_CHARGES_KEY, facts, dispatch, taskSeconds, open, senders];
    const before = sent && {
      priority: priorityOf(sent.number),
      tag: tagOf(sent.number),
      tasks: sent.tasks,
    };
    const given = namedFields({ project, submission: id, lane, tasks, sent: before });
    return TURN.run(this.redis, keys, [turnTagsKey(''), LIFE_S, given]);
  }

  /** Sets the virtual time of a priority back to 0, and gives by how much: numbers that were taken before are too high by that. */
  moveBack(priority: number): Promise<number> {
    return MOVE_BACK.run(this.redis, [TURNS_KEY, turnTagsKey(priority)], [priority]);
  }
}

/** The priority that a number belongs to. */
export function priorityOf(number: number): number {
  return Math.floor((number - 1) / BAND) + 1;
}

/** What lies beyond the numbers of its priority goes last in it. */
function numberOf(priority: number, tag: number): number {
  return (priority - 1) * BAND + 1 + Math.min(BAND - 1, Math.floor(tag));
}

export function tagOf(number: number): number {
  return (number - 1) % BAND;
}
