import { monitorEventLoopDelay } from 'node:perf_hooks';

/** So often the loop is looked at: what it tells includes that time. */
const RESOLUTION_MS = 20;
/** The longest lag is told of this window and the one before it. */
const WINDOW_MS = 5_000;

/** How late the event loop of this process was. */
export class EventLoopLag {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #beforeS = 0;

  constructor() {
    this.#delay.enable();
    this.#timer = setInterval(() => {
      this.#beforeS = this.#nowS;
      this.#delay.reset();
    }, WINDOW_MS).unref();
  }

  /** The longest in the last 5 to 10 s. */
  get seconds(): number {
    return Math.max(this.#beforeS, this.#nowS);
  }

  get #nowS(): number {
    return Math.max(0, this.#delay.max / 1e9 - RESOLUTION_MS / 1e3);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }
}
