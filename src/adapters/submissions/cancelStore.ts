import { type AuditNote, nameIn } from '../audit/entry.ts';
import { EMIT } from '../events/script.ts';
import { CANCELS_KEY, submissionKeys } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { REFUSED_FOR, type RefusedFor, STOP, WAITING } from './endScripts.ts';

/** A scan that is taken back. */
export interface Cancel {
  project: string;
  id: string;
  /** What becomes of the tasks that workers have in hand. */
  running: 'finish' | 'kill';
}

/**
 * Ends a scan: nothing more of it is sent. KEYS facts. ARGV id, project, now (ISO 8601), what becomes of what runs, who.
 * Returns how many of its tasks were not out.
 */
const CANCEL = new RedisScript<number | RefusedFor>(
  `${STOP}${WAITING}${REFUSED_FOR}${EMIT}
local refused = refusedFor(KEYS[1], ARGV[2])
local state, finished = unpack(redis.call('HMGET', KEYS[1], 'state', 'finished_at'))
-- When all of it is sent, some may still be out.
if refused == 'ended' and state == 'done' and not finished then refused = nil end
if refused then return refused end
local waiting = waitingOf(KEYS[1])
redis.call('HSETNX', KEYS[1], 'ended_at', ARGV[3])
stop(ARGV[1])
redis.call('HSET', '${CANCELS_KEY}', ARGV[1], cjson.encode({project = ARGV[2], running = ARGV[4]}))
emit(ARGV[2], 'scan.cancelled', {what = 'scan', scan = scanOf(ARGV[1], KEYS[1]), by = ARGV[5], waiting = waiting})
return waiting
`,
  'also when Redis is full',
);

/** Scans that somebody cancelled, until nothing of them is out. */
export class CancelStore extends Store {
  /** Marks a scan stopped. Gives how many of its tasks were not out. */
  begin({ project, id, running }: Cancel, note?: AuditNote): Promise<number | RefusedFor> {
    const args = [id, project, new Date().toISOString(), running, nameIn(note)];
    return CANCEL.run(this.redis, [submissionKeys(id).facts], args, note);
  }

  /** Those that something may be out of. */
  async open(): Promise<Cancel[]> {
    return Object.entries(await this.redis.hgetall(CANCELS_KEY)).map(([id, text]) => {
      return { id, ...(JSON.parse(text) as Omit<Cancel, 'id'>) };
    });
  }

  async ended(id: string): Promise<void> {
    await this.redis.hdel(CANCELS_KEY, id);
  }
}
