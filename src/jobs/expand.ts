import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { union } from '../targets/addressSet.ts';
import { expandEntries } from '../targets/expandEntries.ts';
import type { Stage } from './stage.ts';

/** Names in one resolve job. */
const NAMES_PER_CHUNK = 500;
/** Entries parsed without a pause: a few milliseconds. */
const ENTRIES_PER_SLICE = 5_000;

/** Turns the entries into address ranges and names, and starts the look-up of the names. */
export const expand: Stage = {
  name: 'expand',
  description: 'Entries become address ranges and host names.',
  attempts: 3,
  backoffMs: 1_000,
  concurrency: 4,
  async run({ submission }, { plans, inject }) {
    const entries = await plans.entries(submission);
    const { sets, names } = await expandInSlices(entries === '' ? [] : entries.split('\n'));
    const chunks = chunksOf(names, NAMES_PER_CHUNK);
    await plans.saveExpansion(submission, union(...sets), chunks);
    await inject(
      'resolve',
      chunks.map((_, index) => ({ submission, index })),
    );
    return { names: names.length, chunks: chunks.length };
  },
};

async function expandInSlices(entries: readonly string[]) {
  const sets = [];
  const names: string[] = [];
  for (let start = 0; start < entries.length; start += ENTRIES_PER_SLICE) {
    const slice = expandEntries(entries.slice(start, start + ENTRIES_PER_SLICE));
    sets.push(slice.set);
    for (const name of slice.names) names.push(name);
    await yieldToEventLoop();
  }
  return { sets, names: [...new Set(names)] };
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
