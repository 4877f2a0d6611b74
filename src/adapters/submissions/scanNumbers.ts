import { portShardsOf } from '../../nmap/portShards.ts';
import { count } from '../../targets/sets/addressSet.ts';
import { decode } from '../../targets/sets/addressSetCodec.ts';
import { submissionKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';
import { factsOf, type SubmissionFacts } from './facts.ts';

/** Tasks of one scan that are out are counted up to here. */
const MOST_OUT = 10_000;
/** Bytes of what a stop took back; it is about what was out then. */
const LONGEST_SET = 2 ** 18;

/** What the numbers of a scan follow from. Finding it costs as much for a /8 as for one address. */
export interface ScanNumbers {
  facts: SubmissionFacts;
  /** Tasks that may come to be, as far as intake knows. */
  expected: number;
  /** Tasks that were tracked, of those of its own set. */
  tracked: number;
  /** Tasks that are in RabbitMQ or with a worker. */
  out: number;
  /** Tasks that a stop took back after they had been sent. */
  takenBack: number;
  /** The beginning of its entries, one line each; see placedEntries.ts. The last line may be cut. */
  entries: string;
}

/** Reads numbers of many scans at once. */
export class ScanNumbersStore extends Store {
  /** By id; those of which nothing is kept are missing. @param entryBytes how much of the entries is wanted */
  async read(ids: readonly string[], entryBytes: number): Promise<Map<string, ScanNumbers>> {
    const facts = this.redis.pipeline();
    for (const id of ids) facts.hgetall(submissionKeys(id).facts);
    const hashes = repliesOf<Record<string, string>>(await facts.exec());
    const kept = ids.flatMap((id, index) => {
      const hash = hashes[index];
      return hash?.project === undefined ? [] : [{ hash, facts: factsOf(id, hash) }];
    });
    const more = this.redis.pipeline();
    for (const { facts } of kept) {
      const keys = submissionKeys(facts.id);
      more.sintercard(2, keys.out, workerKeys.projectTasks(facts.project), 'LIMIT', MOST_OUT);
      more.getrange(keys.takenBack, 0, LONGEST_SET);
      more.getrangeBuffer(keys.entries, 0, entryBytes - 1);
    }
    const replies = repliesOf<unknown>(await more.exec());
    const numbers = kept.map(({ hash, facts }, index): [string, ScanNumbers] => {
      const [out, takenBack, entries] = replies.slice(3 * index) as [number, string, Buffer];
      return [
        facts.id,
        {
          facts,
          expected: Number(hash.expected ?? 0),
          tracked: Number(hash.tracked ?? 0),
          out,
          takenBack: countOf(takenBack) * portShardsOf(facts.options).length,
          entries: entries.toString(),
        },
      ];
    });
    return new Map(numbers);
  }
}

function countOf(set: string): number {
  return set === '' || set.length > LONGEST_SET ? 0 : Number(count(decode(set)));
}
