/** Waits for a place; gives what lets go of it, which may be called twice. */
export type Enter = () => Promise<() => void>;

interface Call {
  /** The order in which the calls began. */
  began: number;
  /** Its items that are in flight. */
  out: number;
  /** Those of them that wait for a place, first come, first served. */
  line: ((leave: () => void) => void)[];
  onEnd(): void;
}

/**
 * Two bounds over all calls: how many items are in flight, which is a matter of memory, and how many hold a place, which
 * they do for a moment only, whenever something is sent for them. An item that waits for an answer holds no place.
 *
 * A call may have as many items in flight as there is room left, so that there is room for one more call at any time. Two
 * of three places are the oldest call's, for the third they take turns. So calls end one after the other, and what is
 * done with the results of one goes on while the places are full with the work of the others; and none has to wait until
 * another one is through.
 */
export class Slots {
  #free: number;
  readonly #mostInFlight: number;
  #inFlight = 0;
  #calls = 0;
  #turns = 0;
  /** Calls with items that wait for a place. */
  readonly #lines = new Set<Call>();
  /** Wakes the calls that wait for room. */
  #onRoom: (() => void)[] = [];

  constructor(places: number, mostInFlight: number) {
    this.#free = places;
    this.#mostInFlight = mostInFlight;
  }

  /**
   * Works on all items; `work` never rejects. Once `signal` is aborted, the items that are not in flight are left out.
   * Resolves when the last piece of work has ended.
   */
  async run<T>(
    items: Iterable<T>,
    work: (item: T, enter: Enter) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const call: Call = { began: this.#calls++, out: 0, line: [], onEnd() {} };
    const enter = () => this.#enter(call);
    const ends = () => this.#ends(call);
    for (const item of items) {
      while (call.out >= this.#mostInFlight - this.#inFlight) await this.#room();
      if (signal.aborted) break;
      call.out++;
      this.#inFlight++;
      void work(item, enter).then(ends);
    }
    while (call.out > 0) await new Promise<void>((resolve) => (call.onEnd = resolve));
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  #ends(call: Call): void {
    call.out--;
    this.#inFlight--;
    call.onEnd();
    for (const wake of this.#onRoom.splice(0)) wake();
  }

  #enter(call: Call): Promise<() => void> {
    return new Promise((resolve) => {
      call.line.push(resolve);
      this.#lines.add(call);
      this.#letIn();
    });
  }

  #letIn(): void {
    while (this.#free > 0 && this.#lines.size > 0) {
      const call = this.#next();
      const enter = call?.line.shift();
      if (!call || !enter) return;
      // Behind the others, if it has more.
      this.#lines.delete(call);
      if (call.line.length > 0) this.#lines.add(call);
      this.#free--;
      enter(this.#leaver());
    }
  }

  #next(): Call | undefined {
    const isOldestsTurn = ++this.#turns % 3 > 0;
    let [next] = this.#lines;
    for (const each of isOldestsTurn ? this.#lines : []) if (!next || each.began < next.began) next = each;
    return next;
  }

  #leaver(): () => void {
    let holds = true;
    return () => {
      if (!holds) return;
      holds = false;
      this.#free++;
      this.#letIn();
    };
  }
}
