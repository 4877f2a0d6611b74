import type { AddressRange } from './addressSet.ts';

/** Which entries add nothing, because others hold all of their addresses. */
export class Coverage {
  readonly #starts: (number | bigint)[] = [];
  readonly #ends: (number | bigint)[] = [];
  readonly #owners: number[] = [];

  /** The ranges of one entry; its number grows with each call. Names have none. */
  add(entry: number, ranges: readonly AddressRange[]): void {
    for (const { start, end } of ranges) {
      if (start >= end) continue;
      this.#starts.push(start);
      this.#ends.push(end);
      this.#owners.push(entry);
    }
  }

  /**
   * Entry -> the entries that cover it, in the order of its ranges. Of two entries with the same addresses the
   * later one is covered. An entry that only several others together cover counts as covered when each of its
   * ranges lies within one of them.
   */
  covered(): Map<number, number[]> {
    const [starts, ends, owners] = [this.#starts, this.#ends, this.#owners];
    const byStart = (a: number, b: number) =>
      compare(starts[a], starts[b]) || compare(ends[b], ends[a]) || (owners[a] ?? 0) - (owners[b] ?? 0);
    const order = Uint32Array.from(starts, (_, index) => index).sort(byStart);
    const covers = new Map<number, number[]>();
    const uncovered = new Set<number>();
    let widest = -1;
    for (const range of order) {
      const entry = owners[range] as number;
      if (widest !== -1 && reaches(starts, ends, widest, range)) {
        const cover = owners[widest] as number;
        const known = covers.get(entry);
        if (known === undefined) covers.set(entry, [cover]);
        else if (!known.includes(cover)) known.push(cover);
      } else {
        uncovered.add(entry);
        widest = range;
      }
    }
    for (const entry of uncovered) covers.delete(entry);
    return covers;
  }
}

type Bounds = readonly (number | bigint)[];

/** IPv4 before IPv6, although both begin at 0. */
function compare(a: number | bigint = 0, b: number | bigint = 0): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `outer` begins no later than `inner`: does it end no earlier? */
function reaches(starts: Bounds, ends: Bounds, outer: number, inner: number): boolean {
  return typeof starts[outer] === typeof starts[inner] && compare(ends[outer], ends[inner]) >= 0;
}
