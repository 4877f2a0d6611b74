/**
 * The text form of the entries of a submission, one line each, with the place where each came from:
 *
 * - the entry alone: it begins the item after that of the entry before it
 * - the entry and a tab: it begins the next line of the same item
 * - the entry, a tab, and `item:line:column`: anywhere else
 */
import type { SplitEntry } from './splitEntries.ts';

/** An entry and where it stood in the request. */
export interface PlacedEntry extends SplitEntry {
  /** Index in `hosts`, from 0. */
  item: number;
}

/** The place of an entry; item from 0, the others from 1. */
type Place = Pick<PlacedEntry, 'item' | 'line' | 'column'>;

/** Characters that are collected before they are written as bytes: one write for each entry would take longer. */
const PIECE = 16_384;
const BEFORE_FIRST: Place = { item: -1, line: 1, column: 1 };

/** The line of an entry, without a line feed. `previous`: the entry before it. */
export function placedLine({ text, item, line, column }: PlacedEntry, previous = BEFORE_FIRST): string {
  if (column === 1 && line === 1 && item === previous.item + 1) return text;
  if (column === 1 && line === previous.line + 1 && item === previous.item) return `${text}\t`;
  return `${text}\t${item}:${line}:${column}`;
}

/** A text of many lines that grows as bytes: a million short strings would take five times the memory. */
export class EntryLines {
  #bytes: Buffer<ArrayBuffer>;
  #length = 0;
  #piece = '';
  #last: PlacedEntry | undefined;

  /** @param expectedBytes how long it may become; what is not used of it costs nothing */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.from(new ArrayBuffer(expectedBytes + 4 * PIECE));
  }

  add(entry: PlacedEntry): void {
    const line = placedLine(entry, this.#last);
    this.#piece += this.#last === undefined ? line : `\n${line}`;
    this.#last = entry;
    if (this.#piece.length >= PIECE) this.#write();
  }

  /** The lines in UTF-8, joined by line feeds. More memory may be reserved behind them than they use. */
  bytes(): Uint8Array<ArrayBuffer> {
    this.#write();
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }

  #write(): void {
    // A UTF-16 unit takes three bytes at most.
    const needed = this.#length + this.#piece.length * 3;
    if (needed > this.#bytes.length) {
      const longer = Buffer.from(new ArrayBuffer(needed * 2));
      longer.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = longer;
    }
    this.#length += this.#bytes.write(this.#piece, this.#length, 'utf8');
    this.#piece = '';
  }
}

/** Reads what was written line by line with {@link placedLine}, without a list of a million lines beside the text. */
export function placedEntries(lines: string): Generator<PlacedEntry> {
  return new PlacedReader().read(lines);
}

/** {@link placedEntries} for a text that comes in parts, each of whole lines. */
export class PlacedReader {
  #previous: Place = BEFORE_FIRST;

  *read(lines: string): Generator<PlacedEntry> {
    for (let start = 0; start < lines.length; ) {
      const feed = lines.indexOf('\n', start);
      const end = feed === -1 ? lines.length : feed;
      const entry = placedEntry(lines.slice(start, end), this.#previous);
      yield entry;
      this.#previous = entry;
      start = end + 1;
    }
  }
}

function placedEntry(written: string, previous: Place): PlacedEntry {
  const tab = written.indexOf('\t');
  if (tab === -1) return { text: written, item: previous.item + 1, line: 1, column: 1 };
  const text = written.slice(0, tab);
  if (tab === written.length - 1) return { text, item: previous.item, line: previous.line + 1, column: 1 };
  const [item = 0, line = 1, column = 1] = written
    .slice(tab + 1)
    .split(':')
    .map(Number);
  return { text, item, line, column };
}
