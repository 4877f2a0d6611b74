import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { JobMetrics } from '../../src/adapters/metrics/jobMetrics.ts';
import { MetricStore } from '../../src/adapters/metrics/metricStore.ts';
import { childrenOf } from '../../test/support/processes.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../../test/support/tasker.ts';
import { dispatchOnce, purge } from './dispatch.ts';
import { type Figure, meanOf } from './figures.ts';

/** As often counts are added up, and as often it is asked here; Prometheus asks three times less often, or less. */
const WINDOW_MS = 5_000;
const WINDOWS = 16;
/** In each of them, of both sides; a dispatch that somebody looks at has as many. */
const REQUESTS = 100;
const CYCLES = 200;

interface Side {
  tasker: Tasker;
  installation: Installation;
  headers: Record<string, string>;
}

/**
 * What metrics cost while a /16 goes out, as a part of the CPU time that this takes. A dispatch with and one without them
 * differ by more than metrics cost, by chance. So each cost is measured by itself, and they are added up: what stands
 * (sums, lag, `/metrics`, counting requests) as the difference of two Taskers that do the same at the same time, one with
 * METRICS=off; what each job costs in this process, with a real Redis.
 */
export async function metrics(): Promise<Figure[]> {
  const sides = [await side('token'), await side('off')] as const;
  const [counting] = sides;
  try {
    await dispatchOnce(counting.tasker, counting.installation);
    await purge(counting.installation.vhost);
    const [runsBefore, cpuBefore] = [await jobRuns(counting), cpuMs(counting)];
    const seconds = await dispatchOnce(counting.tasker, counting.installation);
    const dispatchMs = cpuMs(counting) - cpuBefore;
    await delay(WINDOW_MS);
    const runs = (await jobRuns(counting)) - runsBefore;
    await purge(counting.installation.vhost);

    const windows = seconds / (WINDOW_MS / 1_000);
    const counted = await jobsCostMs(counting, Math.ceil(runs / windows));
    const stands: number[] = [];
    for (let window = 0; window < WINDOWS; window++) stands.push(await differenceMs(sides));
    const { mean, halfWidth } = meanOf(stands);
    const part = (standsMs: number) => (100 * windows * (standsMs + counted)) / dispatchMs;
    const shown = `${part(mean - halfWidth).toFixed(2)} to ${part(mean + halfWidth).toFixed(2)} %`;
    return [
      {
        what: 'metrics while a /16 is dispatched, of its CPU time; the upper end of the 95 % interval',
        detail: `${shown}; in 5 s: ${mean.toFixed(1)} ± ${halfWidth.toFixed(1)} ms and ${counted.toFixed(1)} ms for ${Math.round(runs / windows)} runs of jobs; a /16: ${Math.round(dispatchMs)} ms in ${seconds.toFixed(1)} s`,
        value: part(mean + halfWidth),
        limit: { atMost: 1 },
        unit: '%',
      },
    ];
  } finally {
    for (const { tasker, installation } of sides) {
      await tasker.stop();
      await installation.drop();
    }
  }
}

async function side(setting: 'token' | 'off'): Promise<Side> {
  const installation = await ownInstallation();
  const token = randomUUID();
  const env = { METRICS: setting, METRICS_TOKEN: token, DISPATCH_WINDOW: '0' };
  const tasker = await startTasker({ ...installation.env, ...env });
  return { tasker, installation, headers: { authorization: `Bearer ${token}` } };
}

/** In 5 s: what the first has used more than the second, where both answer as much. */
async function differenceMs([counting, silent]: readonly [Side, Side]): Promise<number> {
  const before = [cpuMs(counting), cpuMs(silent)] as const;
  const end = delay(WINDOW_MS);
  await scrape(counting);
  for (let nth = 0; nth < REQUESTS; nth++)
    for (const { tasker } of [counting, silent]) await (await fetch(`${tasker.url}/health`)).text();
  await end;
  return cpuMs(counting) - before[0] - (cpuMs(silent) - before[1]);
}

async function scrape({ tasker, headers }: Side): Promise<string> {
  return (await fetch(`${tasker.url}/metrics`, { headers })).text();
}

async function jobRuns(of: Side): Promise<number> {
  const counts = (await scrape(of)).matchAll(/^tasker_job_runs_total\{.*\} (\d+)$/gm);
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0);
}

/** So many runs that are counted, and what is counted twice added to the sums: at the beginning and at the end. */
async function jobsCostMs({ installation }: Side, runs: number): Promise<number> {
  const store = new MetricStore(installation.redis);
  const cycle = async () => {
    const counts = new JobMetrics(store);
    for (let run = 0; run < runs; run++) counts.jobEnded('publish', 'completed', 0.03);
    await counts.close();
  };
  for (let warm = 0; warm < CYCLES; warm++) await cycle();
  const before = process.cpuUsage();
  for (let nth = 0; nth < CYCLES; nth++) await cycle();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / CYCLES;
}

/** Of Tasker's processes, to the nanosecond: the ticks of /proc/…/stat are too coarse. */
function cpuMs({ tasker }: Side): number {
  const pid = tasker.process.pid ?? 0;
  const threads = [pid, ...childrenOf(pid)].flatMap((each) =>
    readdirSync(`/proc/${each}/task`).map((thread) => `/proc/${each}/task/${thread}/schedstat`),
  );
  const ns = threads.map((path) => Number(readFileSync(path, 'utf8').split(' ')[0]));
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}
