import { RecentlyUsed } from './recentlyUsed.ts';

/**
 * Values that take time to make, by key, as many as `most`. Whoever asks while one is being made waits for that one;
 * a failure is not kept.
 */
export class RecentlyMade<Value> {
  readonly #made: RecentlyUsed<Promise<Value>>;
  readonly #weightOf: (value: Value) => number;

  /** @param limit how heavy they may be together; the last one that was made stays, whatever it weighs */
  constructor(most: number, limit?: { heaviest: number; weightOf(value: Value): number }) {
    this.#made = new RecentlyUsed(most, limit?.heaviest);
    this.#weightOf = limit?.weightOf ?? (() => 0);
  }

  /** What was made, or is being made; undefined when nobody has asked for it lately. */
  known(key: string): Promise<Value> | undefined {
    return this.#made.get(key);
  }

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    made.then(
      (value) => this.#made.weigh(key, made, this.#weightOf(value)),
      () => this.#made.delete(key, made),
    );
    return made;
  }
}
