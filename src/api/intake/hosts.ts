import { randomInt } from 'node:crypto';
import type { Warning } from '../../model/submission.ts';
import { parseIpv4 } from '../../targets/address/address.ts';
import { Ipv4Table } from '../../targets/address/ipv4Table.ts';
import { type Entry, parseEntry, rangesOfEntry } from '../../targets/entries/entry.ts';
import { isPlainName } from '../../targets/entries/hostName.ts';
import { EntryLines, type PlacedEntry } from '../../targets/entries/placedEntries.ts';
import { entriesOfLine, linesIn, type SplitEntry } from '../../targets/entries/splitEntries.ts';
import { count } from '../../targets/sets/addressSet.ts';
import { AddressSetBuilder } from '../../targets/sets/addressSetBuilder.ts';
import { type ValidationErrors, withSuggestion } from '../http/validationErrors.ts';
import { PortColumns } from './portColumns.ts';

/** The request's `hosts`, read. */
export interface EntryList {
  /** The distinct entries as typed, in their order, one line each; see placedEntries.ts. */
  lines: Uint8Array<ArrayBuffer>;
  /** All entries, bad ones included. */
  provided: number;
  duplicatesRemoved: number;
  /** How many of the distinct entries are host names. */
  names: number;
  /** How many separate ranges the others stand for; an address is one. */
  ranges: number;
  /** Addresses of all ranges together, and one for each name. Not worked out when there are too many ranges. */
  targets: bigint;
  /** The first entries that may not have been meant to be so large, and numbers that look like another column. */
  warnings: readonly Warning[];
}

/** A /16. */
const HUGE = 65_536n;
const HUGE_LISTED = 20;
const LEFT_OUT: { problem: string; suggestion?: string } = {
  problem: 'it is left out, because something else on its line cannot be read',
};

export interface EntryRules {
  /** A line with something that cannot be read is left out as a whole. */
  skipLines: boolean;
  /** Names may be a single label. */
  allowSingleLabel: boolean;
  /** The network and broadcast address of IPv4 networks count. */
  networkAndBroadcast: boolean;
  /** How long all entries together may be, about. */
  expectedBytes: number;
  /** Most separate ranges; see {@link EntryList.ranges}. */
  maxRanges: number;
  /** Beyond so many problems nothing more is read. */
  maxProblems: number;
}

/** Reads every entry, drops those equal to an earlier one in normal form; each bad one goes to `problems`. */
export function readEntryList(
  hosts: readonly unknown[],
  rules: EntryRules,
  errors: ValidationErrors,
): EntryList {
  const reader = new EntryReader(rules, errors);
  for (const [item, typed] of hosts.entries()) {
    if (errors.total > rules.maxProblems) break;
    if (typeof typed === 'string') reader.readItem(typed, item);
    else reader.refuse('Input should be a valid string', item, { input: typed, type: 'string_type' });
  }
  return reader.list();
}

class EntryReader {
  readonly #rules: EntryRules;
  readonly #errors: ValidationErrors;
  readonly #lines: EntryLines;
  readonly #addresses = new AddressSetBuilder();
  /** The distinct entries: single IPv4 addresses by themselves, because there may be millions, the others by normal form. */
  readonly #seenIpv4 = new Ipv4Table(randomInt(2 ** 32));
  readonly #seenNormals = new Set<string>();
  readonly #huge: Warning[] = [];
  readonly #portColumns = new PortColumns();
  readonly #counts = { provided: 0, duplicatesRemoved: 0, names: 0, ranges: 0 };

  constructor(rules: EntryRules, errors: ValidationErrors) {
    this.#rules = rules;
    this.#lines = new EntryLines(rules.expectedBytes);
    this.#errors = errors;
  }

  readItem(typed: string, item: number): void {
    if (this.#readPlain({ text: typed, item, line: 1, column: 1 })) return;
    const before = this.#counts.provided;
    for (const { text, line } of linesIn(typed)) {
      if (this.#errors.total > this.#rules.maxProblems) return;
      if (!this.#readPlain({ text, item, line, column: 1 })) this.#readLine(text, line, typed, item);
    }
    if (this.#counts.provided === before)
      this.refuse('it holds no entry: it is empty', item, { input: typed });
  }

  /** `// 8.8.8.8 production, do not touch`: who reads no more than a part of a line may have understood the opposite. */
  #readLine(written: string, line: number, typed: string, item: number): void {
    const entries = () => entriesOfLine({ text: written, line }, 'targets');
    const readable = !this.#rules.skipLines || allReadable(entries(), this.#rules);
    for (const { text, column } of entries()) {
      if (this.#errors.total > this.#rules.maxProblems) return;
      const placed = { text, item, line, column };
      const place = text === typed ? {} : { line, column };
      if (!readable || !this.#readPlain(placed)) this.#read(placed, place, readable);
    }
  }

  refuse(
    msg: string,
    item: number,
    { type = 'value_error', ...more }: { input: unknown; type?: string; line?: number; column?: number },
  ): void {
    this.#counts.provided += 1;
    this.#errors.add({ type, loc: ['body', 'hosts', item], msg, ...more });
  }

  list(): EntryList {
    const { names, ranges } = this.#counts;
    const addresses = ranges > this.#rules.maxRanges ? 0n : count(this.#addresses.toSet());
    const targets = addresses + BigInt(names);
    return {
      ...this.#counts,
      lines: this.#lines.bytes(),
      targets,
      warnings: [...this.#huge, ...this.#portColumns.warnings()],
    };
  }

  /** Most entries are plain addresses or names: the short way for them. */
  #readPlain(placed: PlacedEntry): boolean {
    const { text } = placed;
    const address = parseIpv4(text);
    if (address !== undefined) this.#takeIpv4(address, placed);
    else if (isPlainName(text)) this.#take({ kind: 'name', name: text, normal: text }, placed);
    else return false;
    this.#counts.provided += 1;
    return true;
  }

  /** @param readable whether its line is: otherwise it is left out, too */
  #read(placed: PlacedEntry, place: { line?: number; column?: number }, readable: boolean): void {
    const result = parseEntry(placed.text, this.#rules);
    if (result.ok && readable) {
      this.#counts.provided += 1;
      this.#portColumns.add(placed);
      this.#take(result.entry, placed);
      return;
    }
    const problem = withSuggestion(result.ok ? LEFT_OUT : result);
    const where = place.line === undefined ? '' : ` (line ${place.line}, column ${place.column})`;
    const type = result.ok ? 'line_left_out' : 'value_error';
    this.refuse(`${problem}${where}`, placed.item, { type, input: placed.text, ...place });
  }

  #take(entry: Entry, placed: PlacedEntry): void {
    if (entry.kind === 'address' && typeof entry.address === 'number') {
      this.#takeIpv4(entry.address, placed);
      return;
    }
    if (this.#seenNormals.has(entry.normal)) {
      this.#counts.duplicatesRemoved += 1;
      return;
    }
    this.#seenNormals.add(entry.normal);
    this.#lines.add(placed);
    if (entry.kind === 'name') {
      this.#counts.names += 1;
      return;
    }
    this.#counts.ranges += entry.kind === 'octets' ? entry.rangeCount : 1;
    if (this.#counts.ranges > this.#rules.maxRanges) return;
    let addresses = 0n;
    for (const range of rangesOfEntry(entry, this.#rules)) {
      this.#addresses.add(range);
      addresses += BigInt(range.end) - BigInt(range.start);
    }
    if (addresses <= HUGE || this.#huge.length === HUGE_LISTED) return;
    const message = `${placed.text.slice(0, 100)} stands for ${addresses} addresses`;
    this.#huge.push({ code: 'huge_range', message, loc: ['body', 'hosts', placed.item] });
  }

  #takeIpv4(address: number, placed: PlacedEntry): void {
    if (!this.#seenIpv4.add(address)) {
      this.#counts.duplicatesRemoved += 1;
      return;
    }
    this.#lines.add(placed);
    this.#counts.ranges += 1;
    if (this.#counts.ranges <= this.#rules.maxRanges) this.#addresses.addIpv4(address);
  }
}

function allReadable(entries: Iterable<SplitEntry>, rules: EntryRules): boolean {
  for (const { text } of entries) if (!parseEntry(text, rules).ok) return false;
  return true;
}
