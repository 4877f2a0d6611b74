import type { RequestHandler } from 'express';
import type { Config } from '../../config/config.ts';
import type { Queries } from '../../queries/queries.ts';
import { EventLoopLag } from '../../runtime/eventLoopLag.ts';
import type { Logger } from '../../runtime/log.ts';
import { SharedLook } from '../../runtime/sharedLook.ts';
import { HttpMetrics } from './httpMetrics.ts';
import { scrapeText } from './scrape.ts';

export interface Metrics {
  /** Counts requests; it stands before everything else. */
  watch: RequestHandler;
  /** What `/metrics` says; one look at Redis and RabbitMQ is shared by everybody who asks within a second. */
  text(): Promise<string>;
  close(): void;
}

/** undefined: METRICS is off, and nothing is counted. */
export function openMetrics(options: {
  config: Config;
  queries: Pick<Queries, 'metrics' | 'brokerState'>;
  log: Logger;
}): Metrics | undefined {
  if (options.config.metrics === 'off') return undefined;
  const http = new HttpMetrics();
  const lag = new EventLoopLag();
  const text = new SharedLook(() => scrapeText({ ...options, http: http.registry, lag }));
  return { watch: http.watch, text: () => text.now(), close: () => lag.close() };
}
