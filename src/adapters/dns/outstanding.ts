/** A query or a wait that is out. */
export interface Waiting {
  /** Ends it now, whatever it waits for. */
  letGo(): void;
}

/** Queries and waits that are out together, so that all of them can be let go at once. */
export class Outstanding {
  readonly #waiting = new Set<Waiting>();
  #ended: { reason: unknown } | undefined;

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Everything that is out is let go now, and `throwIfEnded` throws `reason` from now on. */
  end(reason: unknown): void {
    this.#ended ??= { reason };
    for (const waiting of [...this.#waiting]) waiting.letGo();
  }

  /** It is let go when all this ends, at once if it has ended, unless it is taken away before. */
  add(waiting: Waiting): void {
    if (this.#ended) waiting.letGo();
    else this.#waiting.add(waiting);
  }

  remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  throwIfEnded(): void {
    if (this.#ended) throw this.#ended.reason;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const pause: Waiting = {
        letGo: () => {
          clearTimeout(timer);
          this.#waiting.delete(pause);
          resolve();
        },
      };
      const timer = setTimeout(pause.letGo, ms);
      this.add(pause);
    });
  }
}

/** Begins with one more item of a call; false when there is none. */
type Feed = () => boolean;

/** Pieces of one call that may be going on at once, those that hold no place included: each is some memory. */
const MOST_OF_CALL = 2_000;

/**
 * So much work may be going on at once, over all calls; a piece that only waits may give its place to another one. Every second piece is the oldest call's, for the others they
 * all take turns. So calls end one after the other, and what is done with the results of one goes on while the slots
 * are full with the work of the others; and none has to wait until another one is through.
 */
export class Slots {
  #free: number;
  /** Those that have more, in the order in which they began. */
  readonly #calls = new Set<Feed>();
  /** The same; the one whose turn it is stands first. */
  readonly #line = new Set<Feed>();
  #oldestsTurn = false;

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Works on all items; `work` never rejects, and calls `giveWay` when it needs its place no more. When the call ends, the items that wait are left out, and it resolves
   * with the last one that is being worked on.
   */
  run<T>(
    items: Iterable<T>,
    work: (item: T, giveWay: () => void) => Promise<void>,
    call: Outstanding,
  ): Promise<void> {
    return new Promise((resolve) => {
      const left = items[Symbol.iterator]();
      let out = 0;
      let exhausted = false;
      const resolveWhenDone = () => {
        if (!exhausted || out > 0) return;
        call.remove(rest);
        resolve();
      };
      const feed: Feed = () => {
        if (out >= MOST_OF_CALL) {
          this.#leave(feed);
          return false;
        }
        const item = exhausted ? undefined : left.next();
        if (!item || item.done) {
          rest.letGo();
          return false;
        }
        out++;
        let holds = true;
        const giveWay = () => {
          if (!holds) return;
          holds = false;
          this.#free++;
          this.#fill();
        };
        void work(item.value, giveWay).then(() => {
          out--;
          resolveWhenDone();
          if (!exhausted) this.#enter(feed);
          if (holds) giveWay();
          else this.#fill();
        });
        return true;
      };
      const rest: Waiting = {
        letGo: () => {
          exhausted = true;
          this.#leave(feed);
          resolveWhenDone();
        },
      };
      this.#enter(feed);
      call.add(rest);
      this.#fill();
    });
  }

  #enter(feed: Feed): void {
    this.#calls.add(feed);
    this.#line.add(feed);
  }

  #leave(feed: Feed): void {
    this.#calls.delete(feed);
    this.#line.delete(feed);
  }

  #fill(): void {
    while (this.#free > 0) {
      const feed = this.#next();
      if (!feed) return;
      this.#free--;
      if (!feed()) this.#free++;
    }
  }

  #next(): Feed | undefined {
    this.#oldestsTurn = !this.#oldestsTurn;
    const [feed] = this.#oldestsTurn ? this.#calls : this.#line;
    if (feed && !this.#oldestsTurn) {
      this.#line.delete(feed);
      this.#line.add(feed);
    }
    return feed;
  }
}
