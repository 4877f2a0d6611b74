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

/** So much work may be going on at once, over all calls, which take turns in giving the next piece. */
export class Slots {
  #free: number;
  readonly #line = new Set<Feed>();

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Works on all items; `work` never rejects. When the call ends, the items that wait are left out, and it resolves
   * with the last one that is being worked on.
   */
  run<T>(items: Iterable<T>, work: (item: T) => Promise<void>, call: Outstanding): Promise<void> {
    return new Promise((resolve) => {
      const left = items[Symbol.iterator]();
      let out = 0;
      let exhausted = false;
      const resolveWhenDone = () => {
        if (!exhausted || out > 0) return;
        call.remove(rest);
        resolve();
      };
      const done = () => {
        out--;
        this.#free++;
        resolveWhenDone();
        this.#fill();
      };
      const feed: Feed = () => {
        const item = exhausted ? undefined : left.next();
        if (!item || item.done) {
          rest.letGo();
          return false;
        }
        out++;
        void work(item.value).then(done);
        return true;
      };
      const rest: Waiting = {
        letGo: () => {
          exhausted = true;
          this.#line.delete(feed);
          resolveWhenDone();
        },
      };
      this.#line.add(feed);
      call.add(rest);
      this.#fill();
    });
  }

  #fill(): void {
    while (this.#free > 0) {
      const [feed] = this.#line;
      if (!feed) return;
      this.#line.delete(feed);
      this.#free--;
      // It goes behind the others, or it has no more.
      if (feed()) this.#line.add(feed);
      else this.#free++;
    }
  }
}
