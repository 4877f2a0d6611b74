import { messageOf } from '../../src/runtime/errors.ts';

/** What a run of the quickstart opens, and closes again: last in, first out. */
export interface Closing {
  /** Absolute; for logs and data of this run only. */
  directory: string;
  closers: (() => Promise<unknown>)[];
}

export type Found<T> = T & {
  /** For the reader: where it is and whose it is. */
  found: string;
};

/** Closes everything, also when one thing cannot be closed. */
export async function closeAll({ closers }: Closing): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) {
    await close().catch((error: unknown) => console.error(messageOf(error)));
  }
}
