import { projectKeys, submissionKeys, TURNS_KEY, turnTagsKey } from '../redis/keys.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Numbers of one priority. BullMQ knows 2,097,151 in all. */
export const BAND = 400_000;
/** From here on the numbers of a priority are moved back, so that they do not run out. */
const FAR = BAND / 2;
/** Longer than anything waits that has a number. */
const LIFE_S = 30 * 24 * 3600;

/** A project whose tag has passed has no more credit than one that was never there. In Lua. */
const BEGIN = `
local function begun(times, tags, priority, tag, life)
  local now = math.max(tonumber(redis.call('HGET', times, priority) or 0), tonumber(tag))
  redis.call('HSET', times, priority, now)
  redis.call('EXPIRE', times, life)
  redis.call('ZREMRANGEBYSCORE', tags, '-inf', now)
end
`;

/** KEYS virtual times. ARGV prefix of the tags, life in seconds, priority, tag. */
const BEGUN = new RedisScript<null>(`${BEGIN}
begun(KEYS[1], ARGV[1] .. ARGV[3], ARGV[3], ARGV[4], ARGV[2])
`);

/**
 * The part begins where the project's tag stands, or now, whichever is later; the tag moves on by its cost.
 * KEYS virtual times, facts, settings of the project. ARGV prefix of the tags, life in seconds, {project, seconds, before:
 * priority and tag of the part that was sent before it, if one was}.
 * Returns the priority, and the tag as text: Redis cuts numbers off.
 */
const TAKE = new RedisScript<[priority: string, tag: string]>(`${BEGIN}
local times, facts, settings = unpack(KEYS)
local prefix, life, given = ARGV[1], ARGV[2], cjson.decode(ARGV[3])
local before = given.before
if before then begun(times, prefix .. before.priority, before.priority, before.tag, life) end
local priority = redis.call('HGET', facts, 'priority') or '3'
local tags = prefix .. priority
local now = tonumber(redis.call('HGET', times, priority) or 0)
local tag = math.max(now, tonumber(redis.call('ZSCORE', tags, given.project) or 0))
local weight = tonumber(redis.call('HGET', settings, 'weight') or 1)
redis.call('ZADD', tags, tag + tonumber(given.seconds) / weight, given.project)
redis.call('EXPIRE', tags, life)
return {priority, string.format('%.3f', tag)}
`);

/** KEYS virtual times, tags. ARGV priority. Returns by how much the virtual time and the tags went back. */
const MOVE_BACK = new RedisScript<number>(`
local by = math.floor(tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0))
if by == 0 then return 0 end
redis.call('HINCRBYFLOAT', KEYS[1], ARGV[1], -by)
for _, project in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('ZINCRBY', KEYS[2], -by, project) end
return by
`);

export interface Turn {
  /** In BullMQ's order: the lowest goes first. */
  number: number;
  /** {@link TurnStore.moveBack} is due. */
  far: boolean;
}

/**
 * Whose turn it is to send, by start-time fair queueing. In each priority a project has a tag: the virtual time at which
 * all that it was given so far ends. Its next part begins there, or at the virtual time of what is being sent; so a
 * project that had nothing to send earns no credit. The lowest number is next, and a part costs less the more weight its
 * project has: projects that always have something to send get shares like their weights.
 */
export class TurnStore extends Store {
  /** The turn of a submission's next part, which costs so many seconds of worker time. `sent`: the number of the one before. */
  async take(
    { id, project }: { id: string; project: string },
    seconds: number,
    sent?: number,
  ): Promise<Turn> {
    const keys = [TURNS_KEY, submissionKeys(id).facts, projectKeys(project).dispatch];
    const before = sent === undefined ? undefined : { priority: priorityOf(sent), tag: tagOf(sent) };
    const given = namedFields({ project, seconds, before });
    const [priority, tag] = await TAKE.run(this.redis, keys, [turnTagsKey(''), LIFE_S, given]);
    return { number: numberOf(Number(priority), Number(tag)), far: Number(tag) >= FAR };
  }

  /** The part with this number was sent. */
  async begun(number: number): Promise<void> {
    const args = [turnTagsKey(''), LIFE_S, priorityOf(number), tagOf(number)];
    await BEGUN.run(this.redis, [TURNS_KEY], args);
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
