import type { BatchStore } from '../adapters/batchStore.ts';
import type { SubmissionFacts } from '../adapters/submissionStore.ts';
import { RecentlyUsed } from '../recentlyUsed.ts';
import type { AddressSet } from '../targets/addressSet.ts';
import { batchReader, type Pair } from './batches.ts';

/** Target sets kept ready for the next batch; one set is small, but a process may dispatch many submissions. */
const MAX_READERS = 64;

/**
 * The addresses of batches. An accepted set never changes once it is reserved, so it is read and decoded once per
 * submission and process, not once per batch.
 */
export class BatchTargets {
  readonly #batches: BatchStore;
  readonly #readers = new RecentlyUsed<(batch: number) => Pair[]>(MAX_READERS);
  readonly #listed = new RecentlyUsed<AddressSet>(MAX_READERS);

  constructor(batches: BatchStore) {
    this.#batches = batches;
  }

  /** The tasks of a batch. */
  async pairs({ id, targets, total = 0 }: SubmissionFacts, batch: number): Promise<Pair[]> {
    const known = this.#readers.get(id);
    const reader = known ?? batchReader(id, await this.#batches.accepted(id), { targets, total });
    if (known === undefined) this.#readers.set(id, reader);
    return reader(batch);
  }

  /** The addresses that are targets by themselves, whatever names lead to them. */
  async listed(id: string): Promise<AddressSet> {
    const known = this.#listed.get(id);
    const listed = known ?? (await this.#batches.listed(id));
    if (known === undefined) this.#listed.set(id, listed);
    return listed;
  }
}
