/** How fast the workers take tasks: a short span tells it soon, a long one evens it out. */
const SPANS_MS = [2_000, 30_000];
/** A shorter time says nothing. */
const LEAST_MS = 500;
/** Samples are not closer than this. */
const STEP_MS = 100;

interface Sample {
  atMs: number;
  taken: number;
}

/** The rate at which a number grows, from looks at it. */
export class Pace {
  #samples: Sample[] = [];

  /** `taken`: how many were taken in all, or any number that grows as that does. */
  note(taken: number, nowMs: number): void {
    const kept = this.#samples.filter(({ atMs }) => atMs >= nowMs - Math.max(...SPANS_MS));
    const isNew = nowMs - (kept.at(-1)?.atMs ?? -Infinity) >= STEP_MS;
    this.#samples = isNew ? [...kept, { atMs: nowMs, taken }] : kept;
  }

  /** A second; the highest of the rates over the spans. 0: nothing is known yet. */
  perSecond(): number {
    const last = this.#samples.at(-1);
    if (last === undefined) return 0;
    const rates = SPANS_MS.map((span) => {
      const first = this.#samples.find(({ atMs }) => atMs >= last.atMs - span) ?? last;
      const ms = last.atMs - first.atMs;
      return ms < LEAST_MS ? 0 : ((last.taken - first.taken) / ms) * 1_000;
    });
    return Math.max(0, ...rates);
  }
}
