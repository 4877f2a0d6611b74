import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import pTimeout from 'p-timeout';
import { Counter, Histogram, Registry } from 'prom-client';
import { STAGE_NAMES, type StageName } from '../../model/submission.ts';
import { EventLoopLag } from '../../runtime/eventLoopLag.ts';
import type { MetricStore } from './metricStore.ts';
import { keyOf, rowOf } from './samples.ts';
import { JOB_OUTCOMES, type JobOutcome, type MetricName, QUERY_RESULTS, type QueryResult } from './table.ts';

/** What a kill takes along is what was counted since the last time. */
const ADD_EVERY_MS = 5_000;
/** How long the end of the process waits for Redis. */
const LAST_ADD_MS = 1_000;

/** What a process that runs jobs counts; every few seconds it is added to what all of them have counted. */
export class JobMetrics {
  readonly #store: MetricStore;
  readonly #registry = new Registry();
  readonly #runs = new Counter(this.#settings('tasker_job_runs_total'));
  readonly #durations = new Histogram(this.#settings('tasker_job_duration_seconds'));
  readonly #queries = new Counter(this.#settings('tasker_dns_queries_total'));
  readonly #queryDurations = new Histogram(this.#settings('tasker_dns_query_duration_seconds'));
  readonly #lag = new EventLoopLag();
  readonly #name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #added = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #adding: Promise<void> | undefined;

  constructor(store: MetricStore) {
    this.#store = store;
    // A counter that begins with its first event looks as if there had been none.
    for (const stage of STAGE_NAMES) {
      for (const outcome of JOB_OUTCOMES) this.#runs.inc({ stage, outcome }, 0);
      this.#durations.zero({ stage });
    }
    for (const result of QUERY_RESULTS) this.#queries.inc({ result }, 0);
    this.#timer = setInterval(() => void this.#add(), ADD_EVERY_MS);
    void this.#add();
  }

  jobEnded(stage: StageName, outcome: JobOutcome, seconds: number): void {
    this.#runs.inc({ stage, outcome });
    if (outcome !== 'postponed') this.#durations.observe({ stage }, seconds);
  }

  readonly queryEnded = (result: QueryResult, seconds: number): void => {
    this.#queries.inc({ result });
    this.#queryDurations.observe(seconds);
  };

  /** Adds what is left; gives up when Redis does not take it within a second. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#lag.close();
    await pTimeout(this.#add(), { milliseconds: LAST_ADD_MS, fallback: () => {} });
  }

  /** What could not be added is added the next time. */
  #add(): Promise<void> {
    this.#adding ??= this.#addNow()
      .catch(() => {})
      .finally(() => {
        this.#adding = undefined;
      });
    return this.#adding;
  }

  async #addNow(): Promise<void> {
    const now = new Map<string, number>();
    for (const { name, values } of await this.#registry.getMetricsAsJSON())
      for (const one of values) {
        const ofPart = 'metricName' in one ? String(one.metricName) : name;
        now.set(keyOf(ofPart, textsOf(one.labels)), one.value);
      }
    const more = [...now].filter(([key, value]) => value !== this.#added.get(key));
    const since = more.map(([key, value]): [string, number] => [key, value - (this.#added.get(key) ?? 0)]);
    await this.#store.add(new Map(since), { name: this.#name, lagS: this.#lag.seconds });
    for (const [key, value] of more) this.#added.set(key, value);
  }

  #settings(name: MetricName) {
    const { help, labels = {}, buckets = [] } = rowOf(name);
    return {
      name,
      help,
      labelNames: Object.keys(labels),
      buckets: [...buckets],
      registers: [this.#registry],
    };
  }
}

function textsOf(labels: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
