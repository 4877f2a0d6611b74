import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Tasker, TOKEN } from '../../../test/support/tasker.ts';
import { type Figure, median, percentile, timed } from '../figures.ts';
import { run, type Scene, until, withWorkers } from './scene.ts';
import { takenBack } from './takenBack.ts';

const SCAN_MS = 500;
const WORKERS = { count: 10, scanMs: () => SCAN_MS };
const URGENT = 25;
const SETTLE_MS = 8_000;
const FAIR_MS = 120_000;
/** Of one after the other. */
const AT_ONCE = 50;

/** Who goes first, and what is taken back: with workers that send no packets. */
export async function steering(): Promise<Figure[]> {
  return [
    ...(await withWorkers(WORKERS, urgent)),
    ...(await fairness()),
    ...(await withWorkers(WORKERS, takenBack)),
    ...(await atOnce()),
  ];
}

/** One address of a project that has nothing else, while a /8 of another one is on its way. */
async function urgent({ tasker, workers }: Scene): Promise<Figure[]> {
  await run(tasker, randomUUID(), '11.0.0.0/8');
  await delay(SETTLE_MS);
  const waits: number[] = [];
  for (let number = 0; number < URGENT; number++) {
    const ip = `12.0.0.${number + 1}`;
    await run(tasker, randomUUID(), ip);
    const answeredMs = performance.now();
    const found = await until(() => workers.scans.find(({ task }) => task.ip === ip));
    waits.push((found.beganMs - answeredMs) / SCAN_MS);
  }
  const detail = `${URGENT} times, ${WORKERS.count} workers of ${SCAN_MS} ms a task; slowest ${Math.max(...waits).toFixed(1)}`;
  const unit = 'task times until a worker has it';
  return [
    { what: 'one address beside a /8, median', detail, value: median(waits), limit: { atMost: 3 }, unit },
    {
      what: 'one address beside a /8, p95',
      detail,
      value: percentile(waits, 95),
      limit: { atMost: 5 },
      unit,
    },
  ];
}

/** Shares of worker time of projects whose tasks take different times. */
async function fairness(): Promise<Figure[]> {
  const projects = [
    { id: randomUUID(), weight: 1, ms: 100, network: '11.0.0.0/12', wanted: 0.25 },
    { id: randomUUID(), weight: 1, ms: 1_000, network: '12.0.0.0/12', wanted: 0.25 },
    { id: randomUUID(), weight: 2, ms: 1_000, network: '13.0.0.0/12', wanted: 0.5 },
  ];
  const msOf = new Map<string, number>(projects.map(({ id, ms }) => [id, ms]));
  return withWorkers(
    { ...WORKERS, scanMs: ({ project }) => msOf.get(project) ?? SCAN_MS },
    async ({ tasker, workers }) => {
      for (const { id, weight, network } of projects) {
        await weigh(tasker, id, weight);
        await run(tasker, id, network);
      }
      const beganMs = performance.now();
      await delay(FAIR_MS);
      const endMs = performance.now();
      const times = new Map<string, number>();
      for (const { task, ...scanned } of workers.scans) {
        const from = Math.max(beganMs, scanned.beganMs);
        const ms = Math.max(0, Math.min(endMs, scanned.endedMs ?? endMs) - from);
        times.set(task.project, (times.get(task.project) ?? 0) + ms);
      }
      const all = [...times.values()].reduce((sum, ms) => sum + ms, 0);
      const shares = projects.map(({ id }) => (times.get(id) ?? 0) / all);
      const off = projects.map(({ wanted }, index) => Math.abs((shares[index] ?? 0) - wanted) / wanted);
      const busy = all / (WORKERS.count * (endMs - beganMs));
      return [
        {
          what: 'shares of worker time, weights 1, 1, 2 and tasks of 0.1, 1, 1 s',
          detail: `${shares.map((share) => (100 * share).toFixed(1)).join(' / ')} % for 25 / 25 / 50; workers ${(100 * busy).toFixed(0)} % busy`,
          value: Math.max(...off),
          limit: { atMost: 0.1 },
          unit: 'of a share off at most',
        },
      ];
    },
  );
}

/** Many requests of one address at the same time, beside the same number one after the other. */
async function atOnce(): Promise<Figure[]> {
  return withWorkers(WORKERS, async ({ tasker }) => {
    const ratios: number[] = [];
    for (let round = 0; round < 4; round++) {
      const one = () => run(tasker, randomUUID(), '9.9.9.9');
      const idle: number[] = [];
      for (let number = 0; number < AT_ONCE; number++) idle.push(await timed(one));
      const together = await timed(() => Promise.all(Array.from({ length: AT_ONCE }, one)));
      if (round > 0) ratios.push(together / (AT_ONCE * median(idle)));
    }
    return [
      {
        what: `${AT_ONCE} requests of one address at once`,
        detail: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
        value: median(ratios),
        limit: { atMost: 0.8 },
        unit: `of ${AT_ONCE} idle ones`,
      },
    ];
  });
}

async function weigh(tasker: Tasker, project: string, weight: number): Promise<void> {
  const { status } = await fetch(`${tasker.url}/tasks/${project}/dispatch`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ weight }),
  });
  if (status !== 200) throw new Error(`the weight gave ${status}`);
}
