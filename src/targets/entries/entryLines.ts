import { type PlacedEntry, placedLine } from './placedEntries.ts';

/** Characters that are collected before they are written as bytes: one write for each entry would take longer. */
const PIECE = 16_384;

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
