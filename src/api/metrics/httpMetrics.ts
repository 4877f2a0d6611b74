import type { RequestHandler } from 'express';
import { Counter, Histogram, Registry } from 'prom-client';
import { rowOf } from '../../adapters/metrics/samples.ts';
import type { MetricName } from '../../adapters/metrics/table.ts';
import { routeName } from '../http/routeName.ts';

/** The requests of this process. */
export class HttpMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter(this.#settings('tasker_http_requests_total'));
  readonly #durations = new Histogram(this.#settings('tasker_http_request_duration_seconds'));

  /** Stands before everything else. */
  readonly watch: RequestHandler = (req, res, next) => {
    const beganMs = performance.now();
    res.once('close', () => {
      const { method } = req;
      const route = routeName(res);
      const status = res.writableFinished ? String(res.statusCode) : 'aborted';
      this.#requests.inc({ method, route, status });
      this.#durations.observe({ method, route }, (performance.now() - beganMs) / 1_000);
    });
    next();
  };

  #settings(name: MetricName) {
    const { help, labels = {}, buckets = [] } = rowOf(name);
    return { name, help, labelNames: Object.keys(labels), buckets: [...buckets], registers: [this.registry] };
  }
}
