import { type PlacedEntry, placedLine } from '../targets/placedEntries.ts';

/** A text of many lines that grows as bytes: a million short strings would take five times the memory. */
export class EntryLines {
  #bytes: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(64 * 1024));
  #length = 0;
  #lastItem: number | undefined;

  add(entry: PlacedEntry): void {
    const line = placedLine(entry, this.#lastItem);
    this.#lastItem = entry.item;
    // A UTF-16 unit takes three bytes at most.
    this.#makeRoom(line.length * 3 + 1);
    if (this.#length > 0) this.#length += this.#bytes.write('\n', this.#length, 'latin1');
    this.#length += this.#bytes.write(line, this.#length, 'utf8');
  }

  /** The lines in UTF-8, joined by line feeds. Memory behind them is reserved, not used. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const longer = Buffer.from(new ArrayBuffer(this.#bytes.length * 2 + bytes));
    longer.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = longer;
  }
}
