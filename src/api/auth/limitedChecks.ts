import { LRUCache } from 'lru-cache';

export interface CheckLimits {
  windowMs: number;
  /** Wrong ones that one source may present in a window, those included that are being checked. */
  wrong: number;
  /** Between two checks of a source that has presented too many: somebody may yet be right. */
  pauseMs: number;
  /** Of all sources, of what was never right, at once. */
  atOnce: number;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; retryAfterS: number };

/** What one source has presented in a window. */
interface Source {
  wrong: number;
  running: number;
  endsMs: number;
  /** Not before that is it asked for this source again, when it has presented too many. */
  nextMs: number;
}

/** Sources and right ones that are remembered. */
const MOST = 10_000;

/**
 * Asks about what callers present, without letting those who guess ask much: what was right lately is always asked
 * about, what is being asked about is asked once, and the rest is limited by where it comes from.
 */
export class LimitedChecks<T> {
  readonly #limits: CheckLimits;
  readonly #isRight: (value: T) => boolean;
  readonly #sources = new LRUCache<string, Source>({ max: MOST });
  readonly #right = new LRUCache<string, true>({ max: MOST });
  readonly #running = new Map<string, Promise<T>>();

  constructor(limits: CheckLimits, isRight: (value: T) => boolean) {
    this.#limits = limits;
    this.#isRight = isRight;
  }

  /** @param free asking costs nothing, so it is always asked; too many wrong ones are turned away all the same */
  async check(
    key: string,
    from: readonly string[],
    ask: () => Promise<T>,
    free = false,
  ): Promise<Checked<T>> {
    const sources = from.map((name) => this.#source(name));
    const running = this.#running.get(key);
    if (running === undefined && !free && this.#right.get(key) === undefined && !this.#mayAsk(sources))
      return this.#turnedAway(sources);
    const value = await (running ?? this.#ask(key, sources, ask));
    if (this.#isRight(value)) return { ok: true, value };
    for (const source of sources) source.wrong += 1;
    return sources.some((source) => source.wrong > this.#limits.wrong)
      ? this.#turnedAway(sources)
      : { ok: true, value };
  }

  async #ask(key: string, sources: readonly Source[], ask: () => Promise<T>): Promise<T> {
    for (const source of sources) source.running += 1;
    const asked = ask();
    this.#running.set(key, asked);
    try {
      const value = await asked;
      if (this.#isRight(value)) this.#right.set(key, true);
      else this.#right.delete(key);
      return value;
    } finally {
      this.#running.delete(key);
      for (const source of sources) source.running -= 1;
    }
  }

  #mayAsk(sources: readonly Source[]): boolean {
    const { wrong, atOnce, pauseMs } = this.#limits;
    const nowMs = performance.now();
    if (this.#running.size >= atOnce) return false;
    const full = sources.filter((source) => source.wrong + source.running >= wrong);
    if (full.some(({ nextMs }) => nowMs < nextMs)) return false;
    for (const source of full) source.nextMs = nowMs + pauseMs;
    return true;
  }

  #turnedAway(sources: readonly Source[]): { ok: false; retryAfterS: number } {
    const nowMs = performance.now();
    const full = sources.filter(({ wrong, running }) => wrong + running >= this.#limits.wrong);
    const leftMs = Math.max(0, ...full.map(({ endsMs }) => endsMs - nowMs));
    return { ok: false, retryAfterS: Math.max(1, Math.ceil(leftMs / 1_000)) };
  }

  #source(name: string): Source {
    const nowMs = performance.now();
    // One object as long as it is remembered: what is running is counted down on it.
    const source = this.#sources.get(name) ?? { wrong: 0, running: 0, endsMs: 0, nextMs: 0 };
    if (nowMs < source.endsMs) return source;
    Object.assign(source, { wrong: 0, endsMs: nowMs + this.#limits.windowMs, nextMs: 0 });
    this.#sources.set(name, source);
    return source;
  }
}
