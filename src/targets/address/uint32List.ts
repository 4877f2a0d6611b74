/** A growing list of numbers from 0 to 2^32 - 1 at four bytes each. */
export class Uint32List {
  #values: Uint32Array;
  #length = 0;

  /** @param expected how many there may be: a list that grows is copied again and again */
  constructor(expected = 64) {
    this.#values = new Uint32Array(Math.max(1, expected));
  }

  get length(): number {
    return this.#length;
  }

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

  /** What is in it: a copy. */
  values(): Uint32Array {
    return this.#values.slice(0, this.#length);
  }
}
