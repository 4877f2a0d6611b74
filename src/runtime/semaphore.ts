interface Waiting {
  size: number;
  enter: () => void;
}

/** Lets in so much at a time. Who finds too little left stands in line, and is let in in the order of the line. */
export class Semaphore {
  #free: number;
  readonly #line: Waiting[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Whether somebody who comes now need not wait. */
  hasRoom(size: number): boolean {
    return this.#line.length === 0 && size <= this.#free;
  }

  /**
   * Runs work that takes up `size` until it has ended.
   *
   * @param signal once it is aborted, who still waits leaves the line, and gets the signal's reason
   */
  async hold<T>(size: number, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#enter(size, signal);
    try {
      return await work();
    } finally {
      this.#free += size;
      this.#letIn();
    }
  }

  #enter(size: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal?.reason);
        this.#letIn();
      };
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const waiting: Waiting = { size, enter };
      signal?.addEventListener('abort', leave);
      this.#line.push(waiting);
      this.#letIn();
    });
  }

  #letIn(): void {
    for (let first = this.#line[0]; first !== undefined && first.size <= this.#free; first = this.#line[0]) {
      this.#line.shift();
      this.#free -= first.size;
      first.enter();
    }
  }
}
