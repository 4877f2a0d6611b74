import type { LaterExclusions } from '../../model/submission.ts';
import type { AuditNote } from '../audit/entry.ts';
import { projectKeys, RULES_TO_APPLY_KEY, submissionKeys } from '../redis/keys.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { OPEN_RECEIPT, type Receipt } from '../scopeRules/receiptStore.ts';

/** Characters of all that is taken out of one scan later. */
const MOST_CHARACTERS = 2 ** 20;

/**
 * Takes targets out of scans that are not stopped, in one step: whoever sends tasks of one looks at the number of these
 * lists in the step that tracks them. They are kept for as long as the scan is.
 * KEYS receipts of the project, then for each scan: facts, what came later. ARGV {project, receipt: {id, text}, list: JSON,
 * most characters}.
 * Returns how many scans there are, 'unknown' or 'ended' when one of them is, 'full' when there would be too much of one:
 * then nothing was written.
 */
const ADD = new RedisScript<number | 'unknown' | 'ended' | 'full'>(
  `${OPEN_RECEIPT}
local given = cjson.decode(ARGV[1])
for i = 2, #KEYS, 2 do
  local kind, of, state = unpack(redis.call('HMGET', KEYS[i], 'kind', 'project', 'state'))
  if kind ~= 'scan' or of ~= given.project then return 'unknown' end
  if state == 'stopped' then return 'ended' end
  if redis.call('STRLEN', KEYS[i + 1]) + #given.list > tonumber(given.most) then return 'full' end
end
for i = 2, #KEYS, 2 do
  local facts, later = KEYS[i], KEYS[i + 1]
  local before = redis.call('GET', later)
  redis.call('SET', later, before and before:sub(1, -2) .. ',' .. given.list .. ']' or '[' .. given.list .. ']')
  local ttl = redis.call('PTTL', facts)
  if ttl > 0 then redis.call('PEXPIRE', later, ttl) end
  redis.call('HINCRBY', facts, 'later', 1)
end
redis.call('HSET', '${RULES_TO_APPLY_KEY}', given.project, given.receipt.id)
openReceipt(KEYS[1], given.project, given.receipt)
return (#KEYS - 1) / 2
`,
  'also when Redis is full',
);

/** What somebody takes out of scans that were submitted before. What is there PlanStore reads. */
export class LaterStore extends Store {
  /** `ended`: one of them was stopped. `full`: of one of them too much was taken out already. */
  add(
    ids: readonly string[],
    list: LaterExclusions,
    receipt: Receipt,
    note?: AuditNote,
  ): Promise<number | 'unknown' | 'ended' | 'full'> {
    const { project } = receipt;
    const given = {
      project,
      receipt: { id: receipt.id, text: JSON.stringify(receipt) },
      ...{ list: JSON.stringify(list), most: MOST_CHARACTERS },
    };
    const keys = ids.map(submissionKeys).flatMap(({ facts, later }) => [facts, later]);
    return ADD.run(this.redis, [projectKeys(project).receipts, ...keys], [namedFields(given)], note);
  }
}
