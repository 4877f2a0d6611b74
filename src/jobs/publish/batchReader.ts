import { LRUCache } from 'lru-cache';
import type { BatchStore } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { batchReader, type TaskSlot } from '../../targets/order/batches.ts';
import type { AddressSet } from '../../targets/sets/addressSet.ts';

/**
 * Target sets kept ready for the next batch; one set is small, but a process may dispatch many submissions. Whoever
 * waits for one gets it, also when it has to make room for others meanwhile.
 */
const KEPT = { max: 64, ignoreFetchAbort: true };

/**
 * The addresses of batches. An accepted set never changes once it is reserved, so it is read and decoded once per
 * submission and process, not once per batch, nor once per lane when all of them begin.
 */
export class BatchReader {
  readonly #readers: LRUCache<string, (batch: number) => TaskSlot[], SubmissionFacts>;
  readonly #listed: LRUCache<string, AddressSet>;
  readonly #accepted: LRUCache<string, AddressSet>;
  readonly #known: LRUCache<string, AddressSet>;

  constructor(batches: BatchStore) {
    this.#readers = new LRUCache({
      ...KEPT,
      fetchMethod: async (id, _stale, { context: { targets, total = 0 } }) =>
        batchReader(id, await this.accepted(id), { targets, total }),
    });
    this.#listed = new LRUCache({ ...KEPT, fetchMethod: (id) => batches.listed(id) });
    this.#accepted = new LRUCache({ ...KEPT, fetchMethod: (id) => batches.accepted(id) });
    this.#known = new LRUCache({ ...KEPT, fetchMethod: (id) => batches.known(id) });
  }

  /** The tasks of a batch. */
  async pairs(facts: SubmissionFacts, batch: number): Promise<TaskSlot[]> {
    const reader = await this.#readers.forceFetch(facts.id, { context: facts });
    return reader(batch);
  }

  /** All addresses that have a batch. */
  accepted(id: string): Promise<AddressSet> {
    return this.#accepted.forceFetch(id);
  }

  /** Those that were left out because they need not be scanned again. */
  known(id: string): Promise<AddressSet> {
    return this.#known.forceFetch(id);
  }

  /** The addresses that are targets by themselves, whatever names lead to them. */
  listed(id: string): Promise<AddressSet> {
    return this.#listed.forceFetch(id);
  }
}
