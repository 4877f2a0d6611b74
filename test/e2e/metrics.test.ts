/** What `/metrics` tells of a real installation: one that works, whose jobs process is killed, and whose Redis is away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { METRICS, type MetricRow } from '../../src/adapters/metrics/table.ts';
import { type RedisServer, startRedis } from '../../tools/services/redis.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { childrenOf } from '../support/processes.ts';
import { promtool, valuesOf } from '../support/promtool.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const PROJECT = randomUUID();
const METRICS_TOKEN = 'only-for-prometheus';

let directory: string;
let installation: Installation;
let redis: RedisServer;
let dns: DnsServer;
let worker: ChildProcess;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-metrics-'));
  installation = await ownInstallation();
  redis = await startRedis({ directory, appendonly: true });
  dns = await startDnsServer({ zone: ['11.4.1.1 here.test'] });
  const env = {
    ...installation.env,
    REDIS_PORT: String(redis.port),
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    DISPATCH_WINDOW: 'auto',
    METRICS_TOKEN,
  };
  tasker = await startTasker(env);
  worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...env, SCAN_MS: '50', WORKER_HOSTNAME: 'sim-1' },
    stdio: 'ignore',
  });
});

afterAll(async () => {
  worker?.kill('SIGKILL');
  await tasker?.stop();
  await dns?.stop();
  await redis?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

/** Fails when the answer takes longer than the 2 s in which every call is answered. */
async function scrape(): Promise<{ text: string; values: Map<string, number> }> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const response = await fetch(`${tasker.url}/metrics`, { headers, signal: AbortSignal.timeout(2_000) });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  return { text, values: valuesOf(text) };
}

/** Waits for a scrape of which this is true. */
function scrapeWith(what: string, holds: (values: Map<string, number>) => boolean) {
  return eventually(what, async () => {
    const told = await scrape();
    return holds(told.values) && told;
  });
}

const SENT = 'tasker_tasks_sent_total{priority="2"}';
const DONE = 'tasker_tasks_done_total{priority="2"}';
const SUBMITTED = 'method="POST",route="/tasks/{project_id}/run-nmap"';
/** Without TLS there is no certificate. */
const ABSENT = ['tasker_tls_certificate_not_after_timestamp_seconds'];

const submit = (hosts: string[]) => tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(hosts, { priority: 2 }));

it('a scan is counted at each of its steps, once, in words that promtool finds nothing to say about', async () => {
  await fetch(`${tasker.url}/nothing/here`);
  expect((await submit(['11.5.1.0/29', 'here.test', 'gone.test'])).status).toBe(200);
  const { text, values } = await scrapeWith(
    'the tasks are done, and the counts of the jobs process have arrived',
    (told) =>
      told.get(DONE) === 7 &&
      told.get('tasker_job_runs_total{outcome="completed",stage="submission"}') === 1 &&
      told.get('tasker_workers') === 1,
  );
  expect(Object.fromEntries(values)).toMatchObject({
    [SENT]: 7,
    'tasker_tasks_sent_total{priority="3"}': 0,
    'tasker_tasks_resent_total{priority="2"}': 0,
    'tasker_tasks_dead_total{priority="2"}': 0,
    tasker_tasks_ready: 0,
    tasker_tasks_running: 0,
    'tasker_job_runs_total{outcome="completed",stage="expand"}': 1,
    'tasker_job_runs_total{outcome="failed",stage="expand"}': 0,
    'tasker_job_duration_seconds_count{stage="expand"}': 1,
    'tasker_job_duration_seconds_bucket{le="+Inf",stage="expand"}': 1,
    'tasker_dns_queries_total{result="answered"}': 1,
    'tasker_dns_queries_total{result="timeout"}': 0,
    'tasker_project_targets{project="other",state="waiting"}': 0,
    'tasker_jobs{stage="publish",state="waiting"}': 0,
    'tasker_processes{role="jobs"}': 1,
    tasker_paused: 0,
    tasker_redis_up: 1,
    tasker_rabbitmq_up: 1,
    tasker_rabbitmq_blocked: 0,
    tasker_redis_evicted_keys_total: 0,
    'tasker_http_requests_total{method="GET",route="none",status="404"}': 1,
    [`tasker_http_requests_total{${SUBMITTED},status="200"}`]: 1,
    [`tasker_http_request_duration_seconds_count{${SUBMITTED}}`]: 1,
  });
  const queries = [...dns.queries.values()].reduce((sum, count) => sum + count, 0);
  expect(values.get('tasker_dns_query_duration_seconds_count')).toBe(queries);

  expect(await promtool(['check', 'metrics'], text)).toEqual({ code: 0, told: '' });
  const types = Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name = '', type]) => [name, type]);
  const rows: [string, MetricRow][] = Object.entries(METRICS);
  const expected = rows.filter(([name]) => !ABSENT.includes(name)).map(([name, { type }]) => [name, type]);
  expect(types.toSorted()).toEqual(expected.toSorted());
  expect(text).not.toContain('/nothing/here');
});

it('counts go on where they were when the jobs process is killed', async () => {
  const before = (await scrape()).values;
  const [jobs = 0] = childrenOf(tasker.process.pid ?? 0);
  process.kill(jobs, 'SIGKILL');
  expect((await submit(['11.5.2.1'])).status).toBe(200);
  const runs = 'tasker_job_runs_total{outcome="completed",stage="expand"}';
  const { values } = await scrapeWith(
    'the new process has counted',
    (told) => told.get(DONE) === 8 && told.get(runs) === 2,
  );
  const counters = [...before.keys()].filter((name) => /_(?:total|count|sum|bucket)\b/.test(name));
  expect(counters.length).toBeGreaterThan(100);
  expect(counters.filter((name) => (values.get(name) ?? -1) < (before.get(name) ?? 0))).toEqual([]);
});

it('while Redis is away it tells what is known, that Redis is away, and answers within 2 s', async () => {
  await redis.kill();
  const { text, values } = await scrapeWith('it is noticed', (told) => told.get('tasker_redis_up') === 0);
  expect(Object.fromEntries(values)).toMatchObject({
    tasker_rabbitmq_up: 1,
    [`tasker_http_requests_total{${SUBMITTED},status="200"}`]: 2,
  });
  expect(values.has(SENT)).toBe(false);
  expect(await promtool(['check', 'metrics'], text)).toEqual({ code: 0, told: '' });
  await redis.restart();
  await scrapeWith(
    'Redis answers again',
    (told) => told.get('tasker_redis_up') === 1 && told.get(SENT) === 8,
  );
});
