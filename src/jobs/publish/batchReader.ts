import type { BatchStore } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { RecentlyMade } from '../../runtime/recentlyMade.ts';
import { batchReader, type TaskSlot } from '../../targets/order/batches.ts';
import type { AddressSet } from '../../targets/sets/addressSet.ts';

/** Target sets kept ready for the next batch; one set is small, but a process may dispatch many submissions. */
const MAX_READERS = 64;

/**
 * The addresses of batches. An accepted set never changes once it is reserved, so it is read and decoded once per
 * submission and process, not once per batch, nor once per lane when all of them begin.
 */
export class BatchReader {
  readonly #batches: BatchStore;
  readonly #readers = new RecentlyMade<(batch: number) => TaskSlot[]>(MAX_READERS);
  readonly #listed = new RecentlyMade<AddressSet>(MAX_READERS);
  readonly #accepted = new RecentlyMade<AddressSet>(MAX_READERS);
  readonly #known = new RecentlyMade<AddressSet>(MAX_READERS);

  constructor(batches: BatchStore) {
    this.#batches = batches;
  }

  /** The tasks of a batch. */
  async pairs({ id, targets, total = 0 }: SubmissionFacts, batch: number): Promise<TaskSlot[]> {
    const reader = await this.#readers.get(id, async () =>
      batchReader(id, await this.accepted(id), { targets, total }),
    );
    return reader(batch);
  }

  /** All addresses that have a batch. */
  accepted(id: string): Promise<AddressSet> {
    return this.#accepted.get(id, () => this.#batches.accepted(id));
  }

  /** Those that were left out because they need not be scanned again. */
  known(id: string): Promise<AddressSet> {
    return this.#known.get(id, () => this.#batches.known(id));
  }

  /** The addresses that are targets by themselves, whatever names lead to them. */
  listed(id: string): Promise<AddressSet> {
    return this.#listed.get(id, () => this.#batches.listed(id));
  }
}
