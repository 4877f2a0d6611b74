import type { Task } from '../runtime/compute.ts';
import { KEPT } from '../targets/entries/entry.ts';
import { type ExpandOptions, expandEntries } from '../targets/entries/expandEntries.ts';
import { type PlacedEntry, placedEntries } from '../targets/entries/placedEntries.ts';
import { mayStandForMany, parseRuleEntry, rangesOfRule } from '../targets/scope/rules.ts';
import { encode } from '../targets/sets/addressSet.ts';
import { RESOLVE_SHARE } from './resolve.ts';
import type { Stage } from './runner/stage.ts';
import { countStored } from './storedQuota.ts';

/**
 * Names in one resolve job. A job waits for its slowest name, so a long list has longer jobs: as long as they all may run
 * at once, it waits no more than once.
 */
const NAMES_PER_CHUNK = { least: 500, most: 2_000 };
/** Some 5,000 entries, which take a few milliseconds. */
const IN_PLACE_BYTES = 64 * 1024;
/** A pattern of a few characters may make 65,536. */
const IN_PLACE_RANGES = 16_384;

/** Turns the entries into address ranges and names, and starts the look-up of the names. */
export const expand: Stage = {
  name: 'expand',
  description: 'Entries become address ranges and host names.',
  attempts: 3,
  backoffMs: 1_000,
  concurrency: 8,
  share: 4,
  async run({ submission }, { facts, submissions, plans, compute, inject, signal }) {
    const networkAndBroadcast = facts.options.include_network_and_broadcast === true;
    // Redis does the one before the other: without their expiry, the entries cannot end between two pieces.
    const [, lines] = await Promise.all([plans.begun(submission), plans.entryBytes(submission)]);
    signal?.throwIfAborted();
    const { set, names, chunks } = isShort(lines)
      ? expandLines(lines, { networkAndBroadcast })
      : await compute.run(EXPAND, [lines, { networkAndBroadcast }], {
          bytes: lines.byteLength,
          handedOver: [lines],
          signal,
        });
    await plans.saveExpansion(submission, set, chunks);
    await countStored(facts, { submissions });
    await inject(
      'resolve',
      chunks.map((_, index) => ({ submission, index })),
    );
    return { names, chunks: chunks.length };
  },
};

export const EXPAND: Task<Parameters<typeof expandLines>, ReturnType<typeof expandLines>> = {
  name: 'expandLines',
  run: expandLines,
};

function isShort(lines: Uint8Array): boolean {
  if (lines.byteLength > IN_PLACE_BYTES) return false;
  let ranges = 0;
  for (const { text } of placedEntries(new TextDecoder().decode(lines)))
    if (mayStandForMany(text)) ranges += rangesOfRule(parseRuleEntry(text, KEPT));
  return ranges <= IN_PLACE_RANGES;
}

/** What is kept of the entries: the set as text, and the names in chunks, each as JSON. */
function expandLines(
  lines: Uint8Array,
  options: ExpandOptions,
): { set: string; names: number; chunks: string[] } {
  const text = new TextDecoder().decode(lines);
  const { set, names } = expandEntries(textsOf(placedEntries(text)), options);
  const chunks: string[] = [];
  const { least, most } = NAMES_PER_CHUNK;
  const size = Math.min(most, Math.max(least, Math.ceil(names.length / RESOLVE_SHARE)));
  for (let start = 0; start < names.length; start += size)
    chunks.push(JSON.stringify(names.slice(start, start + size)));
  return { set: encode(set), names: names.length, chunks };
}

function* textsOf(entries: Iterable<PlacedEntry>): Generator<string> {
  for (const { text } of entries) yield text;
}
