import { GiveUpError } from '../errors.ts';
import { AddressCollector } from './addressCollector.ts';
import type { AddressSet } from './addressSet.ts';
import { finished } from './boundaries.ts';
import { parseEntry, rangesOfEntry } from './entry.ts';

/** What the entries of a submission stand for. */
export interface Expansion {
  set: AddressSet;
  /** Distinct, in the order of the entries. */
  names: string[];
}

export interface ExpandOptions {
  /** Whether the network and broadcast address of IPv4 networks count. @default false */
  networkAndBroadcast?: boolean;
}

/** Characters parsed between two places where others may have their turn: some milliseconds. */
const CHARACTERS_PER_STEP = 12_288;
/** Likewise for the ranges of octet forms. */
const RANGES_PER_STEP = 65_536;

/**
 * One set of addresses, and the distinct names.
 * Throws GiveUpError on an entry that {@link parseEntry} refuses: intake should have refused it.
 */
export function expandEntries(typed: Iterable<string>, options: ExpandOptions = {}): Expansion {
  return finished(expandInSteps(typed, options));
}

/** {@link expandEntries} that can be interrupted at each `yield`. */
export function* expandInSteps(
  typed: Iterable<string>,
  { networkAndBroadcast = false }: ExpandOptions,
): Generator<undefined, Expansion> {
  const names = new Set<string>();
  const addresses = new AddressCollector();
  let characters = 0;
  let ranges = 0;
  for (const text of typed) {
    characters += text.length;
    if (characters > CHARACTERS_PER_STEP) {
      characters = 0;
      yield;
    }
    const parsed = parseEntry(text, { allowSingleLabel: true });
    if (!parsed.ok) throw new GiveUpError(`An entry cannot be expanded: ${parsed.problem}`);
    const { entry } = parsed;
    if (entry.kind === 'name') names.add(entry.name);
    else
      for (const range of rangesOfEntry(entry, { networkAndBroadcast })) {
        addresses.add(range);
        if (++ranges % RANGES_PER_STEP === 0) yield;
      }
  }
  return { set: yield* addresses.toSetInSteps(), names: [...names] };
}
