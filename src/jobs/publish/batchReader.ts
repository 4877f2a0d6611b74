import { LRUCache } from 'lru-cache';
import type { BatchStore } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { type BatchPlace, batchReader, type TaskSlot } from '../../targets/order/batches.ts';
import type { AddressSet } from '../../targets/sets/addressSet.ts';

/**
 * Submissions whose sets are kept ready for the next batch; one set is small, but a process may dispatch many. Whoever
 * waits for one gets it, also when it has to make room for others meanwhile.
 */
const SUBMISSIONS = 64;

/**
 * - `accepted`: all addresses that have a batch
 * - `known`: those that were left out because they need not be scanned again
 * - `listed`: those that are targets by themselves, whatever names lead to them
 */
const SETS = ['accepted', 'known', 'listed'] as const;
type SetName = (typeof SETS)[number];

/**
 * The addresses of batches. An accepted set never changes once it is reserved, so it is read and decoded once per
 * submission and process, not once per batch, nor once per lane when all of them begin.
 */
export class BatchReader {
  readonly #readers: LRUCache<string, ReturnType<typeof batchReader>, SubmissionFacts>;
  readonly #sets: LRUCache<string, AddressSet, { name: SetName; id: string }>;

  constructor(batches: BatchStore) {
    this.#readers = new LRUCache({
      max: SUBMISSIONS,
      ignoreFetchAbort: true,
      fetchMethod: async (id, _stale, { context: { targets, total = 0 } }) =>
        batchReader(id, await this.set('accepted', id), { targets, total }),
    });
    this.#sets = new LRUCache({
      max: SUBMISSIONS * SETS.length,
      ignoreFetchAbort: true,
      fetchMethod: (_key, _stale, { context: { name, id } }) => batches[name](id),
    });
  }

  /** So many tasks of a batch. */
  async slots(facts: SubmissionFacts, from: BatchPlace, count: number): Promise<TaskSlot[]> {
    const read = await this.#readers.forceFetch(facts.id, { context: facts });
    return read(from, count);
  }

  set(name: SetName, id: string): Promise<AddressSet> {
    return this.#sets.forceFetch(`${name} ${id}`, { context: { name, id } });
  }
}
