import { inTurns } from '../runtime/turns.ts';
import { Expander } from '../targets/entries/expandEntries.ts';
import { type PlacedEntry, PlacedReader } from '../targets/entries/placedEntries.ts';
import { encodeInSteps } from '../targets/sets/addressSetCodec.ts';
import type { Stage } from './runner/stage.ts';
import { countStored } from './storedQuota.ts';

/** Names in one resolve job. */
const NAMES_PER_CHUNK = 500;

/** Turns the entries into address ranges and names, and starts the look-up of the names. */
export const expand: Stage = {
  name: 'expand',
  description: 'Entries become address ranges and host names.',
  attempts: 3,
  backoffMs: 1_000,
  concurrency: 8,
  share: 4,
  async run({ submission }, { submissions, plans, inject, signal }) {
    const [facts] = await Promise.all([submissions.facts(submission), plans.begun(submission)]);
    const { options } = facts;
    const expander = new Expander({ networkAndBroadcast: options.include_network_and_broadcast === true });
    const reader = new PlacedReader();
    for await (const lines of plans.entries(submission)) {
      signal?.throwIfAborted();
      await inTurns(expander.add(textsOf(reader.read(lines))));
    }
    const { set, names } = await inTurns(expander.end());
    const chunks = chunksOf(names, NAMES_PER_CHUNK);
    await plans.saveExpansion(submission, await inTurns(encodeInSteps(set)), chunks);
    await countStored(facts, { submissions });
    await inject(
      'resolve',
      chunks.map((_, index) => ({ submission, index })),
    );
    return { names: names.length, chunks: chunks.length };
  },
};

function* textsOf(entries: Iterable<PlacedEntry>): Generator<string> {
  for (const { text } of entries) yield text;
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
