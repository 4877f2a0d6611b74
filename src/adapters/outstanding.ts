/** Queries and waits that are out together, so that all of them can be let go at once. */
export class Outstanding {
  readonly #letGo = new Set<() => void>();
  #ended: { reason: unknown } | undefined;

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Everything that is out resolves now, and `throwIfEnded` throws `reason` from now on. */
  end(reason: unknown): void {
    this.#ended ??= { reason };
    for (const letGo of [...this.#letGo]) letGo();
  }

  /** `letGo` runs when all this ends, at once if it has ended, unless it is taken away before. */
  add(letGo: () => void): void {
    if (this.#ended) letGo();
    else this.#letGo.add(letGo);
  }

  remove(letGo: () => void): void {
    this.#letGo.delete(letGo);
  }

  throwIfEnded(): void {
    if (this.#ended) throw this.#ended.reason;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#letGo.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.add(wake);
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
        call.remove(leave);
        resolve();
      };
      const feed: Feed = () => {
        const item = left.next();
        if (item.done) {
          leave();
          return false;
        }
        out++;
        void work(item.value).then(done);
        return true;
      };
      const done = () => {
        out--;
        this.#free++;
        resolveWhenDone();
        this.#fill();
      };
      const leave = () => {
        exhausted = true;
        this.#line.delete(feed);
        resolveWhenDone();
      };
      this.#line.add(feed);
      call.add(leave);
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
