const EMPTY_SLOT = 0;
const FIRST_SIZE = 1024;

/**
 * A set of IPv4 addresses at some ten bytes each, where a `Set` needs fifty. Open addressing: an address stands in
 * the first free slot from where its hash points.
 */
export class Ipv4Table {
  /** 0 is a free slot; 0.0.0.0 has its own flag. */
  #slots = new Uint32Array(FIRST_SIZE);
  #filled = 0;
  #hasZero = false;
  readonly #seed: number;

  /** @param seed any number that nobody can foresee: who knows it can choose addresses that all want the same slot */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Whether the address is new. */
  add(address: number): boolean {
    if (address === EMPTY_SLOT) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    const slot = this.#slotOf(this.#slots, address);
    if (this.#slots[slot] === address) return false;
    this.#slots[slot] = address;
    this.#filled += 1;
    if (this.#filled * 2 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2);
    for (const address of this.#slots)
      if (address !== EMPTY_SLOT) larger[this.#slotOf(larger, address)] = address;
    this.#slots = larger;
  }

  /** Where the address stands, or would. */
  #slotOf(slots: Uint32Array, address: number): number {
    const mask = slots.length - 1;
    let slot = hash(address ^ this.#seed) & mask;
    for (let found = slots[slot]; found !== EMPTY_SLOT && found !== address; found = slots[slot])
      slot = (slot + 1) & mask;
    return slot;
  }
}

/** The finalizer of MurmurHash3: every bit of the number has its say in every bit of the hash. */
function hash(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
