import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tasker } from '../../../test/support/tasker.ts';
import { type Figure, percentile, timed } from '../figures.ts';
import { untilQuiet } from '../processes.ts';
import { run, withWorkers } from './scene.ts';
import type { Workers } from './workers.ts';

const PROJECTS = 200;
const SUBMISSIONS = 1_000;
/** Together they take 500 tasks a second. */
const WORKERS = 100;
const SCAN_MS = 200;
const WARM_UP = 30;
const IDLE_POSTS = 150;
const BETWEEN_POSTS_MS = 50;
const SETTLE_MS = 8_000;
const LOOK_MS = 20_000;

/** 1,000 open submissions of 200 projects: whether the workers always have something, and how long an answer takes. */
export function many(): Promise<Figure[]> {
  return withWorkers({ count: WORKERS, scanMs: () => SCAN_MS }, async ({ tasker, workers }) => {
    await posts(tasker, WARM_UP);
    await untilQuiet(tasker);
    const idle = await posts(tasker, IDLE_POSTS);
    const one = await alone(tasker, workers);
    await submitAll(tasker);
    await delay(SETTLE_MS);
    const busy: number[] = [];
    const all = await lookOn(workers, async (endMs) => {
      while (performance.now() < endMs) busy.push(...(await posts(tasker, 1)));
    });
    const p95 = (times: readonly number[]) => percentile(times, 95);
    const figures: Figure[] = [
      {
        what: `${SUBMISSIONS} open submissions of ${PROJECTS} projects: workers with a task in hand`,
        detail: `${WORKERS} workers of ${SCAN_MS} ms a task; ${told(all)}; beside one /8 alone ${told(one)}`,
        value: all.busy,
        limit: { atLeast: 0.95 },
        unit: 'of their time',
      },
      {
        what: 'single-target POST beside them, p95',
        detail: `${p95(busy).toFixed(1)} ms over ${busy.length} POSTs, idle ${p95(idle).toFixed(1)} ms over ${idle.length}`,
        value: p95(busy) / p95(idle),
        limit: { atMost: 3 },
        unit: 'x idle p95',
      },
    ];
    return figures;
  });
}

/** The yardstick: one submission that has everything to itself. */
async function alone(tasker: Tasker, workers: Workers): Promise<Look> {
  const project = randomUUID();
  const { submission } = await run(tasker, project, '12.0.0.0/8');
  await delay(SETTLE_MS);
  const look = await lookOn(workers, () => delay(LOOK_MS / 2));
  const { status } = await tasker.post(`/tasks/${project}/submissions/${submission.id}/cancel`, {});
  if (status !== 200) throw new Error(`cancel gave ${status}`);
  return look;
}

async function submitAll(tasker: Tasker): Promise<void> {
  const projects = Array.from({ length: PROJECTS }, () => randomUUID());
  for (let number = 0; number < SUBMISSIONS; number++) {
    const network = `11.${number >> 8}.${number & 255}.0/24`;
    await run(tasker, projects[number % PROJECTS] ?? '', network);
  }
}

/** Milliseconds that each took. */
async function posts(tasker: Tasker, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < count; number++) {
    times.push(await timed(() => run(tasker, randomUUID(), '9.9.9.9')));
    await delay(BETWEEN_POSTS_MS);
  }
  return times;
}

interface Look {
  /** Of the time of the workers, how much they had a task in hand. */
  busy: number;
  /** Tasks that began, a second. */
  rate: number;
}

function told({ busy, rate }: Look): string {
  return `${(100 * busy).toFixed(1)} % busy, ${rate.toFixed(0)} tasks/s`;
}

async function lookOn({ scans }: Workers, work: (endMs: number) => Promise<unknown>): Promise<Look> {
  const fromMs = performance.now();
  await work(fromMs + LOOK_MS);
  const toMs = performance.now();
  let [heldMs, begun] = [0, 0];
  for (const { beganMs, endedMs = toMs } of scans) {
    heldMs += Math.max(0, Math.min(endedMs, toMs) - Math.max(beganMs, fromMs));
    if (beganMs >= fromMs && beganMs < toMs) begun += 1;
  }
  return { busy: heldMs / (WORKERS * (toMs - fromMs)), rate: (1_000 * begun) / (toMs - fromMs) };
}
