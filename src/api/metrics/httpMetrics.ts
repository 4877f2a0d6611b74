import { METHODS } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { Counter, Histogram, Registry } from 'prom-client';
import { rowOf } from '../../adapters/metrics/samples.ts';
import type { MetricName } from '../../adapters/metrics/table.ts';

/** Of what belongs to no route: paths that callers make up would each be a series of their own. */
const NO_ROUTE = 'none';

const routes = new WeakMap<Response, string>();

/** From here on the request counts as one of this route. */
export function ofRoute(path: string): RequestHandler {
  return (_req, res, next) => {
    routes.set(res, path);
    next();
  };
}

export function routeOf(res: Response): string {
  return routes.get(res) ?? NO_ROUTE;
}

/** The requests of this process. */
export class HttpMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter(this.#settings('tasker_http_requests_total'));
  readonly #durations = new Histogram(this.#settings('tasker_http_request_duration_seconds'));

  /** Stands before everything else. */
  readonly watch: RequestHandler = (req, res, next) => {
    const beganMs = performance.now();
    res.once('close', () => {
      const method = METHODS.includes(req.method) ? req.method : NO_ROUTE;
      const route = routeOf(res);
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
