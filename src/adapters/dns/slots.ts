/** Pieces of one call that may be going on at once, those that hold no place included: each is some memory. */
const MOST_OF_CALL = 2_000;

/** A call that waits for a place. */
interface Waiting {
  /** The order in which the calls began. */
  began: number;
  enter(): void;
}

/**
 * So much work may be going on at once, over all calls; a piece that only waits may give its place to another one.
 * Two of three places are the oldest call's, for the third they take turns. So calls end one after the other, and
 * what is done with the results of one goes on while the slots are full with the work of the others; and none has to
 * wait until another one is through.
 */
export class Slots {
  #free: number;
  #calls = 0;
  /** No call stands here twice. */
  readonly #line = new Set<Waiting>();
  #turns = 0;

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Works on all items; `work` never rejects, and calls `giveWay` when it needs its place no more. Once `signal` is
   * aborted, the items that wait are left out. Resolves when the last piece of work has ended.
   */
  async run<T>(
    items: Iterable<T>,
    work: (item: T, giveWay: () => void) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const began = this.#calls++;
    let out = 0;
    let onEnd = () => {};
    const oneEnds = () => new Promise<void>((resolve) => (onEnd = resolve));
    for (const item of items) {
      while (out >= MOST_OF_CALL) await oneEnds();
      await new Promise<void>((enter) => this.#wait({ began, enter }));
      let holds = true;
      const giveWay = () => {
        if (!holds) return;
        holds = false;
        this.#leave();
      };
      if (signal.aborted) return giveWay();
      out++;
      void work(item, giveWay).then(() => {
        out--;
        giveWay();
        onEnd();
      });
    }
    while (out > 0) await oneEnds();
  }

  #wait(waiting: Waiting): void {
    this.#line.add(waiting);
    this.#letIn();
  }

  #leave(): void {
    this.#free++;
    this.#letIn();
  }

  #letIn(): void {
    while (this.#free > 0 && this.#line.size > 0) {
      const isOldestsTurn = ++this.#turns % 3 > 0;
      let [next] = this.#line;
      for (const each of isOldestsTurn ? this.#line : []) if (!next || each.began < next.began) next = each;
      if (!next) return;
      this.#line.delete(next);
      this.#free--;
      next.enter();
    }
  }
}
