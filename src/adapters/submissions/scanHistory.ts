import { FACTS_PREFIX, submissionKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { readAtOnce } from '../redis/readAtOnce.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Between two points of a scan as long as it is young. */
const FIRST_EVERY_S = 10;
/** With one more, every second point goes, and from then on they come half as often. */
const MOST_POINTS = 240;
/** Scans that one script notes: nothing else runs in Redis meanwhile. */
const AT_ONCE = 200;

/** How far a scan was at one moment. */
interface ScanPoint {
  /** Epoch seconds. */
  at: number;
  /** Tasks whose workers had ended. */
  done: number;
  /** Tasks that were waiting, ready or running. */
  remaining: number;
}

export interface ScanHistory {
  everyS: number;
  /** Oldest first. */
  points: ScanPoint[];
}

/**
 * Adds a point to each of these scans of which something was sent, when it is time. What was stopped is told by its end.
 * ARGV ids.
 */
const NOTE = new RedisScript<null>(`
local now = tonumber(redis.call('TIME')[1])
for _, id in ipairs(ARGV) do
  local facts = '${FACTS_PREFIX}' .. id
  local history = facts .. '${submissionKeys('').history.slice(FACTS_PREFIX.length)}'
  local kind, state, total, sentAt, done, gone, failed, every = unpack(redis.call('HMGET', facts,
    'kind', 'state', 'total', 'first_sent_at', 'counted', 'dropped', 'failed', 'history_every'))
  every = tonumber(every or ${FIRST_EVERY_S})
  local last = redis.call('LINDEX', history, -1)
  -- A chore may come a little early.
  local isDue = not last or now - cjson.decode(last)[1] > every - ${FIRST_EVERY_S / 2}
  if kind == 'scan' and state ~= 'stopped' and sentAt and isDue then
    done = tonumber(done or 0)
    local left = tonumber(total or 0) - done - tonumber(gone or 0) - tonumber(failed or 0)
    redis.call('RPUSH', history, cjson.encode({now, done, math.max(0, left)}))
    if redis.call('LLEN', history) > ${MOST_POINTS} then
      local points = redis.call('LRANGE', history, 0, -1)
      redis.call('DEL', history)
      for i = 1, #points, 2 do redis.call('RPUSH', history, points[i]) end
      redis.call('HSET', facts, 'history_every', 2 * every)
    end
    local ttl = redis.call('PTTL', facts)
    if ttl > 0 then redis.call('PEXPIRE', history, ttl) end
  end
end
`);

/** How scans went: of each so many points at most, however long it takes. */
export class ScanHistoryStore extends Store {
  async note(ids: readonly string[]): Promise<void> {
    for (const some of pages(ids, AT_ONCE)) await NOTE.run(this.redis, [], some);
  }

  /** undefined: the project has no such scan (any more). */
  async read(project: string, id: string): Promise<ScanHistory | undefined> {
    const { facts, history } = submissionKeys(id);
    const [fields, texts] = (await readAtOnce(this.redis, [
      ['HMGET', facts, 'kind', 'project', 'history_every'],
      ['LRANGE', history, '0', '-1'],
    ])) as [(string | null)[], string[]];
    const [kind, of, every] = fields;
    if (kind !== 'scan' || of !== project) return undefined;
    const points = texts.map((text) => {
      const [at, done, remaining] = JSON.parse(text) as [number, number, number];
      return { at, done, remaining };
    });
    return { everyS: Number(every ?? FIRST_EVERY_S), points };
  }
}
