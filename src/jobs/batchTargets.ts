import type { BatchStore } from '../adapters/batchStore.ts';
import type { SubmissionFacts } from '../adapters/submissionStore.ts';
import type { Address } from '../targets/address.ts';
import { batchReader } from './batches.ts';

/** Target sets kept ready for the next batch; one set is small, but a process may dispatch many submissions. */
const MAX_READERS = 64;

/**
 * The addresses of batches. An accepted set never changes once it is reserved, so it is read and decoded once per
 * submission and process, not once per batch.
 */
export class BatchTargets {
  readonly #batches: BatchStore;
  readonly #readers = new Map<string, (batch: number) => Address[]>();

  constructor(batches: BatchStore) {
    this.#batches = batches;
  }

  async addresses({ id, total = 0 }: SubmissionFacts, batch: number): Promise<Address[]> {
    const reader = this.#readers.get(id) ?? batchReader(id, await this.#batches.accepted(id), total);
    // Set anew, so that the first key is always the one that was not used for longest.
    this.#readers.delete(id);
    this.#readers.set(id, reader);
    if (this.#readers.size > MAX_READERS) {
      const [oldest] = this.#readers.keys();
      if (oldest !== undefined) this.#readers.delete(oldest);
    }
    return reader(batch);
  }
}
