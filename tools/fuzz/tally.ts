import { monitorEventLoopDelay } from 'node:perf_hooks';
import { percentile } from '../bench/figures.ts';
import type { Hit } from './gun.ts';

const KEPT_SLOWEST = 5;
const KEPT_TIMES = 200_000;

/** Counts what came back. */
export class Tally {
  count = 0;
  /** Scans and plans that were taken in: they leave something for a day. */
  accepted = 0;
  slowest: Hit[] = [];
  readonly #statuses = new Map<number, number>();
  readonly #timesMs: number[] = [];
  readonly #begun = performance.now();
  /** Of our own event loop: what we are late ourselves, the server is not. */
  readonly #lag = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#lag.enable();
  }

  add(hit: Hit): void {
    const { status, ms, shot } = hit;
    this.count += 1;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (status < 300 && /(run-nmap|plan)(\?|$)/.test(shot.path)) this.accepted += 1;
    this.#timesMs[this.count % KEPT_TIMES] = ms;
    if (this.slowest.length < KEPT_SLOWEST || ms > (this.slowest.at(-1)?.ms ?? 0))
      this.slowest = [...this.slowest, hit].sort((a, b) => b.ms - a.ms).slice(0, KEPT_SLOWEST);
  }

  line(): string {
    const perSecond = (1000 * this.count) / (performance.now() - this.#begun);
    return `${this.count.toLocaleString('en')} requests, ${perSecond.toFixed(0)} a second, slowest ${this.slowest[0]?.ms.toFixed(0)} ms`;
  }

  report(): string {
    const statuses = [...this.#statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status || 'closed'} x ${count}`);
    const times = Object.values(this.#timesMs);
    return [
      this.line(),
      `answers: ${statuses.join(', ')}; ${this.accepted} scans and plans were taken in`,
      `p50 ${percentile(times, 50).toFixed(0)} ms, p99 ${percentile(times, 99).toFixed(0)} ms; our own event loop was late by up to ${(this.#lag.max / 1e6).toFixed(0)} ms`,
    ].join('\n');
  }
}
