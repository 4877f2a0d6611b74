import { X509Certificate } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { rowOf, type Sample, sample } from '../../adapters/metrics/samples.ts';
import type { MetricName } from '../../adapters/metrics/table.ts';
import type { Config } from '../../config/config.ts';
import type { Queries } from '../../queries/queries.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { EventLoopLag } from '../../runtime/eventLoopLag.ts';
import type { Logger } from '../../runtime/log.ts';
import { packageInfo } from '../../runtime/packageInfo.ts';

interface ScrapeServices {
  config: Pick<Config, 'tls'>;
  queries: Pick<Queries, 'metrics' | 'brokerState'>;
  /** Of the requests of this process. */
  http: Registry;
  lag: EventLoopLag;
  log: Logger;
}

/** All metrics as Prometheus reads them. While Redis is away: what this process knows by itself. Never rejects. */
export async function scrapeText(services: ScrapeServices): Promise<string> {
  const known = await installation(services);
  const samples = [...processSamples(services), sample('tasker_redis_up', known ? 1 : 0), ...(known ?? [])];
  const http = await services.http.getMetricsAsJSON();
  return AggregatorRegistry.aggregate([http, asMetrics(samples)]).metrics();
}

async function installation({ queries, log }: ScrapeServices): Promise<Sample[] | undefined> {
  try {
    return await queries.metrics();
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError)) log.error({ err: error }, 'metrics could not be read');
    return undefined;
  }
}

function processSamples({ config, queries, lag }: ScrapeServices): Sample[] {
  const { connected, blocked } = queries.brokerState();
  const { user, system } = process.cpuUsage();
  const { version } = packageInfo();
  return [
    sample('tasker_build_info', 1, { version, node: process.versions.node }),
    sample('tasker_rabbitmq_up', connected ? 1 : 0),
    sample('tasker_rabbitmq_blocked', blocked === undefined ? 0 : 1),
    sample('tasker_event_loop_lag_seconds', lag.seconds, { role: 'api' }),
    sample('process_resident_memory_bytes', process.memoryUsage.rss()),
    sample('process_cpu_seconds_total', (user + system) / 1e6),
    sample('process_start_time_seconds', performance.timeOrigin / 1_000),
    ...(config.tls ? [sample('tasker_tls_certificate_not_after_timestamp_seconds', endOf(config.tls))] : []),
  ];
}

/** Of the certificate that callers see: the first one. Epoch seconds. */
function endOf({ cert }: NonNullable<Config['tls']>): number {
  return Date.parse(new X509Certificate(cert).validTo) / 1_000;
}

/** In the shape of `getMetricsAsJSON`. */
function asMetrics(samples: readonly Sample[]): object[] {
  const byMetric = new Map<MetricName, Sample[]>();
  for (const one of samples) {
    const others = byMetric.get(one.metric);
    if (others) others.push(one);
    else byMetric.set(one.metric, [one]);
  }
  return [...byMetric].map(([name, values]) => ({
    name,
    help: rowOf(name).help,
    type: rowOf(name).type,
    aggregator: 'sum',
    values: inOrder(name, values).map(({ name: metricName, labels, value }) => ({
      metricName,
      labels,
      value,
    })),
  }));
}

/** Redis gives them in any order; the buckets of a histogram come with the smallest first. */
function inOrder(name: MetricName, samples: readonly Sample[]): readonly Sample[] {
  if (rowOf(name).type !== 'histogram') return samples;
  const bound = ({ labels }: Sample) => (labels.le === '+Inf' ? Infinity : Number(labels.le ?? Infinity));
  return samples.toSorted((a, b) => bound(a) - bound(b));
}
