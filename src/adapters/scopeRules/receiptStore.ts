import { shortText } from '../audit/entry.ts';
import { EMIT } from '../events/script.ts';
import { OPEN_RECEIPTS_KEY, projectKeys } from '../redis/keys.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** A task with a worker, as it was seen last. */
export interface SeenTask {
  ip: string;
  worker: string;
}

/** What became of the tasks that new exclusions are about. Nothing in it grows with addresses: workers have few tasks. */
export interface Receipt {
  id: string;
  project: string;
  /** Whose: those of the project, those that submissions got later, see LaterStore, or those of the installation. */
  of: 'project' | 'submissions' | 'installation';
  /** Of the installation's: the hash of its rules. */
  version?: string;
  by: string;
  /** ISO 8601. */
  at: string;
  /** What becomes of the tasks that workers have in hand. */
  running: 'finish' | 'kill';
  /** How many exclusions there are, and the first of them as typed. */
  entries: { total: number; listed: string[] };
  /** Task id -> those that workers had at the last look, also such that were told to end. */
  seen: Record<string, SeenTask>;
  /** Of those that have ended, the one that ended last; null: none was seen. */
  last: (SeenTask & { task: string; ended_at: string }) | null;
  /** ISO 8601: from then on nothing of ours touches what the exclusions are about. null: not yet. */
  since: string | null;
  /** Epoch milliseconds: where a look takes long, the next one is put off. */
  nextLookMs?: number;
  /** Epoch milliseconds: what is still in RabbitMQ then is taken out once more. */
  takeOutMs?: number;
}

/** Entries that a receipt names. */
const LISTED = 20;

/** A receipt before its first look. @param entries as typed */
export function newReceipt(
  known: Omit<Receipt, 'entries' | 'seen' | 'last' | 'since'>,
  entries: readonly string[],
): Receipt {
  const listed = { total: entries.length, listed: entries.slice(0, LISTED) };
  return { ...known, entries: listed, seen: {}, last: null, since: null };
}

/** Receipts of one project that are kept. Beyond them the oldest go. */
const MOST_KEPT = 1_000;
/** So many go at once: to find the oldest, all are read. */
const GO_AT_ONCE = 100;

/** Keeps a new receipt. In Lua, for a receipts key, a project and {id, text}. */
export const OPEN_RECEIPT = `
local function openReceipt(receipts, project, given)
  redis.call('HSET', receipts, given.id, given.text)
  redis.call('HSET', '${OPEN_RECEIPTS_KEY}', given.id, project)
  if redis.call('HLEN', receipts) <= ${MOST_KEPT} then return end
  local flat, kept = redis.call('HGETALL', receipts), {}
  for i = 1, #flat, 2 do kept[#kept + 1] = {flat[i], cjson.decode(flat[i + 1]).at} end
  table.sort(kept, function(a, b) return a[2] < b[2] end)
  for i = 1, ${GO_AT_ONCE} do
    redis.call('HDEL', receipts, kept[i][1])
    redis.call('HDEL', '${OPEN_RECEIPTS_KEY}', kept[i][1])
  end
end
`;

/**
 * Writes what a look has found. What was said once stays: nothing is written of a receipt that has its end.
 * KEYS receipts. ARGV id, JSON, '1' when it has its end now, then what the event says of it, project.
 * Returns 1, or 0 when nothing was written.
 */
const SAVE = new RedisScript<0 | 1>(
  `${EMIT}
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or ARGV[3] == '1' then redis.call('HDEL', '${OPEN_RECEIPTS_KEY}', ARGV[1]) end
if not before or type(cjson.decode(before).since) == 'string' then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] == '1' then emit(ARGV[5], 'exclusion.in_effect', cjson.decode(ARGV[4])) end
return 1
`,
  'also when Redis is full',
);

/** KEYS receipts. ARGV project, {id, text}. */
const OPEN = new RedisScript<null>(
  `${OPEN_RECEIPT}openReceipt(KEYS[1], ARGV[1], cjson.decode(ARGV[2]))`,
  'also when Redis is full',
);

/** What an event says of it. The installation's list is not for everybody to see. */
function toldOf({ id, of, by, at, since, entries }: Receipt) {
  if (of === 'installation') return { receipt: of, of, at, since };
  return { receipt: id, of, by, at, since, entries: { ...entries, listed: entries.listed.map(shortText) } };
}

/** What became of the tasks that exclusions are about, for whoever has to tell a client. */
export class ReceiptStore extends Store {
  /** undefined: the project has none of that id (any more). */
  async find(project: string, id: string): Promise<Receipt | undefined> {
    const text = await this.redis.hget(projectKeys(project).receipts, id);
    return text === null ? undefined : (JSON.parse(text) as Receipt);
  }

  /** In the place of one of the same id. Others are opened by whoever writes their exclusions. */
  async open(receipt: Receipt): Promise<void> {
    const given = namedFields({ id: receipt.id, text: JSON.stringify(receipt) });
    await OPEN.run(this.redis, [projectKeys(receipt.project).receipts], [receipt.project, given]);
  }

  /** Receipt -> project: those of which something may still be out. */
  unsettled(): Promise<Record<string, string>> {
    return this.redis.hgetall(OPEN_RECEIPTS_KEY);
  }

  async save(receipt: Receipt): Promise<void> {
    const { id, project, since } = receipt;
    const args = [
      id,
      JSON.stringify(receipt),
      since === null ? '' : '1',
      JSON.stringify(toldOf(receipt)),
      project,
    ];
    await SAVE.run(this.redis, [projectKeys(project).receipts], args);
  }

  /** Nobody looks at it any more. */
  async leave(id: string): Promise<void> {
    await this.redis.hdel(OPEN_RECEIPTS_KEY, id);
  }
}
