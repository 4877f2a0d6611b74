import type { Redis } from 'ioredis';

/** A clock drifts by a few milliseconds in this time. */
const ASK_EVERY_MS = 60_000;
/** A slower answer says too little about the moment it was made in. */
const SLOW_MS = 1_000;

/** The reply to `TIME` in epoch milliseconds. */
export function timeOf([seconds, micros]: readonly (string | number)[]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/**
 * The clock of Redis, which all processes share: what one of them writes down counts for all others as long as was
 * meant, whatever the clocks of their machines say. Between two looks it goes on by one that nobody sets.
 */
export class SharedClock {
  readonly #redis: Redis;
  /** Epoch milliseconds at which `performance.now()` was 0. */
  #startMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Waits until Redis tells its time. */
  static async open(redis: Redis, everyMs = ASK_EVERY_MS): Promise<SharedClock> {
    const clock = new SharedClock(redis);
    await clock.#look();
    // Redis may be away: what was known goes on counting.
    clock.#timer = setInterval(() => void clock.#look().catch(() => {}), everyMs).unref();
    return clock;
  }

  /** Epoch milliseconds. */
  readonly now = (): number => Math.floor((this.#startMs ?? performance.timeOrigin) + performance.now());

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const askedMs = performance.now();
    const epochMs = timeOf(await this.#redis.time());
    const answeredMs = performance.now();
    if (this.#startMs !== undefined && answeredMs - askedMs > SLOW_MS) return;
    this.#startMs = epochMs - (askedMs + answeredMs) / 2;
  }
}
