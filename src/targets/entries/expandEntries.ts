import { PermanentError } from '../../runtime/errors.ts';
import type { AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { finished } from '../sets/intervals.ts';
import { KEPT, parseEntry, rangesOfEntry } from './entry.ts';

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
 * Throws PermanentError on an entry that {@link parseEntry} refuses: intake should have refused it.
 */
export function expandEntries(typed: Iterable<string>, options: ExpandOptions = {}): Expansion {
  const expander = new Expander(options);
  finished(expander.add(typed));
  return finished(expander.end());
}

/** {@link expandEntries} for entries that come bit by bit; each `yield` is a place where others may have their turn. */
export class Expander {
  readonly #options: Required<ExpandOptions>;
  readonly #names = new Set<string>();
  readonly #addresses = new AddressSetBuilder();
  #characters = 0;
  #ranges = 0;

  constructor({ networkAndBroadcast = false }: ExpandOptions) {
    this.#options = { networkAndBroadcast };
  }

  *add(typed: Iterable<string>): Generator<undefined, void> {
    for (const text of typed) {
      this.#characters += text.length;
      if (this.#characters > CHARACTERS_PER_STEP) {
        this.#characters = 0;
        yield;
      }
      const parsed = parseEntry(text, KEPT);
      if (!parsed.ok) throw new PermanentError(`An entry cannot be expanded: ${parsed.problem}`);
      const { entry } = parsed;
      if (entry.kind === 'name') this.#names.add(entry.name);
      else
        for (const range of rangesOfEntry(entry, this.#options)) {
          this.#addresses.add(range);
          if (++this.#ranges % RANGES_PER_STEP === 0) yield;
        }
    }
  }

  *end(): Generator<undefined, Expansion> {
    return { set: yield* this.#addresses.toSetInSteps(), names: [...this.#names] };
  }
}
