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

/** How many queries may be out. First come, first served. */
export class Slots {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** False when the call ended before its turn came. */
  take(call: Outstanding): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = () => {
        call.remove(leave);
        resolve(true);
      };
      const leave = () => {
        this.#line.delete(enter);
        call.remove(leave);
        resolve(false);
      };
      this.#line.add(enter);
      call.add(leave);
    });
  }

  giveBack(): void {
    const [next] = this.#line;
    if (!next) this.#free++;
    else {
      this.#line.delete(next);
      next();
    }
  }
}
