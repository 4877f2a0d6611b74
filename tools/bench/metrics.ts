import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { Redis } from 'ioredis';
import { JobMetrics } from '../../src/adapters/metrics/jobMetrics.ts';
import { MetricStore } from '../../src/adapters/metrics/metricStore.ts';
import { HttpMetrics } from '../../src/api/metrics/httpMetrics.ts';
import { EventLoopLag } from '../../src/runtime/eventLoopLag.ts';
import { childrenOf } from '../../test/support/processes.ts';
import { ownInstallation, startTasker } from '../../test/support/tasker.ts';
import { dispatchOnce, purge } from './dispatch.ts';
import { type Figure, type Spread, spreadOf } from './figures.ts';

/** As often counts are added up, and as often somebody asks here; Prometheus asks three times less often, or less. */
const WINDOW_MS = 5_000;
const PAIRS = 12;
/** In a window: one look is shared by all who ask within a second. */
const ASKED = 4;
/** At once, so that what one costs stands out. */
const LAGS = 10;
const CYCLES = 200;

/**
 * What metrics cost while a /16 goes out, as a part of the CPU time that this takes. A dispatch with them and one without
 * differ by chance, by more than metrics cost. So each cost is measured where nothing else happens, and they are added up,
 * for 5 s: an answer of `/metrics`, in an API process that is idle beside itself; the look at the event loop of
 * two processes, in this one beside itself doing nothing; what is counted in as long a time of a dispatch, with its sums.
 */
export async function metrics(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const token = randomUUID();
  const tasker = await startTasker({ ...installation.env, METRICS_TOKEN: token, DISPATCH_WINDOW: '0' });
  const { pid: api = 0 } = tasker.process;
  const both = () => [api, ...childrenOf(api)];
  const headers = { authorization: `Bearer ${token}` };
  const ask = async () => (await fetch(`${tasker.url}/metrics`, { headers })).text();
  try {
    const answers = await differences(
      () => inMs(() => cpuMs([api]), repeated(ask)),
      () => inMs(() => cpuMs([api]), quiet),
    );
    const lags = await differences(
      () => inMs(ownMs, withLags),
      () => inMs(ownMs, quiet),
    );
    await dispatchOnce(tasker, installation);
    await purge(installation.vhost);
    const [countsBefore, cpuBefore] = [countsIn(await ask()), cpuMs(both())];
    const seconds = await dispatchOnce(tasker, installation);
    const dispatchMs = cpuMs(both()) - cpuBefore;
    await delay(2 * WINDOW_MS);
    const counts = countsIn(await ask());
    await purge(installation.vhost);

    const windows = (1_000 * seconds) / WINDOW_MS;
    const inWindow = (name: keyof Counts) => Math.ceil((counts[name] - countsBefore[name]) / windows);
    const [runs, requests] = [inWindow('runs'), inWindow('requests')];
    const counted = await countingMs(installation.redis, runs, requests);
    const [answer, lag] = [
      spreadOf(answers.map((ms) => ms / ASKED)),
      spreadOf(lags.map((ms) => (2 * ms) / LAGS)),
    ];
    const part = (of: keyof Spread) => (100 * windows * (answer[of] + lag[of] + counted)) / dispatchMs;
    const shown = ({ median, from, to }: Spread) =>
      `${median.toFixed(1)} (${from.toFixed(1)} to ${to.toFixed(1)}) ms`;
    return [
      {
        what: 'metrics while a /16 is dispatched: the upper end of the 95 % interval',
        detail: `${part('median').toFixed(2)} (${part('from').toFixed(2)} to ${part('to').toFixed(2)}) % of its CPU time; in 5 s: /metrics ${shown(answer)}, event loops ${shown(lag)}, ${runs} runs of jobs and ${requests} requests ${counted.toFixed(1)} ms; a /16: ${Math.round(dispatchMs)} ms in ${seconds.toFixed(1)} s`,
        value: part('to'),
        limit: { atMost: 1 },
        unit: '%',
      },
    ];
  } finally {
    await tasker.stop();
    await installation.drop();
  }
}

/** Of one thing beside another, in turns. The first time everything is slower: it does not count. */
async function differences(one: () => Promise<number>, other: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let pair = 0; pair <= PAIRS; pair++) found.push((await one()) - (await other()));
  return found.slice(1);
}

async function inMs(used: () => number, work: () => Promise<unknown>): Promise<number> {
  const before = used();
  await work();
  return used() - before;
}

const quiet = () => delay(WINDOW_MS);

function repeated(work: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    for (let nth = 0; nth < ASKED; nth++) await Promise.all([work(), delay(WINDOW_MS / ASKED)]);
  };
}

/** Each looks at a time of its own. */
async function withLags(): Promise<void> {
  const end = quiet();
  const lags: EventLoopLag[] = [];
  for (let nth = 0; nth < LAGS; nth++) {
    lags.push(new EventLoopLag());
    await delay(2);
  }
  await end;
  for (const lag of lags) lag.close();
}

/** To count so much and to add it up, at the beginning and at the end. */
async function countingMs(redis: Redis, runs: number, requests: number): Promise<number> {
  const [store, http] = [new MetricStore(redis), new HttpMetrics()];
  const cycle = async () => {
    const jobs = new JobMetrics(store);
    for (let run = 0; run < runs; run++) jobs.jobEnded('publish', 'completed', 0.03);
    for (let nth = 0; nth < requests; nth++) {
      const req = new IncomingMessage(new Socket());
      const res = new ServerResponse(req);
      http.watch(req as Request, res as Response, () => {});
      res.emit('close');
    }
    await jobs.close();
  };
  for (let warm = 0; warm < CYCLES; warm++) await cycle();
  const all = await inMs(ownMs, async () => {
    for (let nth = 0; nth < CYCLES; nth++) await cycle();
  });
  return all / CYCLES;
}

interface Counts {
  runs: number;
  requests: number;
}

function countsIn(text: string): Counts {
  const sum = (metric: string) =>
    Array.from(text.matchAll(new RegExp(`^${metric}\\{.*\\} (\\d+)$`, 'gm')), ([, count]) =>
      Number(count),
    ).reduce((all, count) => all + count, 0);
  return { runs: sum('tasker_job_runs_total'), requests: sum('tasker_http_requests_total') };
}

function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Of processes, to the nanosecond: the ticks of /proc/…/stat are too coarse. */
function cpuMs(pids: readonly number[]): number {
  const threads = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`),
  );
  const ns = threads.map((path) => Number(readFileSync(path, 'utf8').split(' ')[0]));
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}
