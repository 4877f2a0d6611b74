/** A growing list of numbers from 0 to 2^32 - 1 at four bytes each. */
export class Uint32List {
  #values = new Uint32Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const longer = new Uint32Array(this.#length * 2);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#length++] = value;
  }

  /** What is in it, until something is added. */
  view(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }
}
