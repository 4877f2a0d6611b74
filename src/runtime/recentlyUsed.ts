/**
 * Values by key, as many as `most`, and together no heavier than `heaviest`; the one that was not asked for for longest
 * goes first. The newest stays, whatever it weighs.
 */
export class RecentlyUsed<Value> {
  readonly #most: number;
  readonly #heaviest: number;
  readonly #values = new Map<string, { value: Value; weight: number }>();
  #weight = 0;

  constructor(most: number, heaviest = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#heaviest = heaviest;
  }

  get(key: string): Value | undefined {
    const kept = this.#values.get(key);
    if (kept !== undefined) this.set(key, kept.value, kept.weight);
    return kept?.value;
  }

  set(key: string, value: Value, weight = 0): void {
    // Set anew, so that the first key is always the one that was not used for longest.
    this.#remove(key);
    this.#values.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#values.keys()) {
      if (this.#values.size === 1) return;
      if (this.#values.size <= this.#most && this.#weight <= this.#heaviest) return;
      this.#remove(oldest);
    }
  }

  /** Forgets the value, unless another one has taken its place. */
  delete(key: string, value: Value): void {
    if (this.#values.get(key)?.value === value) this.#remove(key);
  }

  /** Says what a value weighs that is known only now; nothing when another one has taken its place. */
  weigh(key: string, value: Value, weight: number): void {
    if (this.#values.get(key)?.value === value) this.set(key, value, weight);
  }

  #remove(key: string): void {
    this.#weight -= this.#values.get(key)?.weight ?? 0;
    this.#values.delete(key);
  }
}
