import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../../test/support/tasker.ts';
import { type Figure, median, percentile, timed } from './figures.ts';
import { startWorkers, type Workers } from './workers.ts';

const WORKERS = 10;
const SCAN_MS = 500;
const URGENT = 25;
const SETTLE_MS = 8_000;
const FAIR_MS = 120_000;
const PATIENCE_MS = 30_000;
/** Of one after the other. */
const AT_ONCE = 50;

/** Who goes first, and what is taken back: with workers that send no packets. */
export async function steering(): Promise<Figure[]> {
  return [
    ...(await withWorkers(() => SCAN_MS, urgent)),
    ...(await fairness()),
    ...(await withWorkers(() => SCAN_MS, pauseAndCancel)),
    ...(await atOnce()),
  ];
}

interface Scene {
  tasker: Tasker;
  installation: Installation;
  workers: Workers;
}

async function withWorkers(
  scanMs: Parameters<typeof startWorkers>[2],
  measure: (scene: Scene) => Promise<Figure[]>,
): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: 'auto' });
  const workers = await startWorkers(WORKERS, installation, scanMs);
  try {
    return await measure({ tasker, installation, workers });
  } finally {
    await workers.close();
    await tasker.stop();
    await installation.drop();
  }
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
  const detail = `${URGENT} times, ${WORKERS} workers of ${SCAN_MS} ms a task; slowest ${Math.max(...waits).toFixed(1)}`;
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
    ({ project }) => msOf.get(project) ?? SCAN_MS,
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
      const busy = all / (WORKERS * (endMs - beganMs));
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

/** How long after the answer a worker still takes a task of what is paused or cancelled. */
async function pauseAndCancel({ tasker, workers }: Scene): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const what of ['pause', 'cancel'] as const) {
    const project = randomUUID();
    const { submission } = await run(tasker, project, '14.0.0.0/16');
    await delay(SETTLE_MS);
    let answeredMs = 0;
    const tookMs = await timed(async () => {
      const { status } = await tasker.post(`/tasks/${project}/submissions/${submission.id}/${what}`, {});
      if (status !== 200) throw new Error(`${what} gave ${status}`);
      answeredMs = performance.now();
    });
    await delay(3_000);
    const last = workers.scans.filter(({ task }) => task.project === project).at(-1)?.beganMs ?? answeredMs;
    figures.push({
      what: `${what} of a /16: the last task that a worker takes`,
      detail: `answered within ${tookMs.toFixed(0)} ms`,
      value: Math.max(0, last - answeredMs) / 1_000,
      limit: { atMost: 1 },
      unit: 's after the answer',
    });
  }
  return figures;
}

/** Many requests of one address at the same time, beside the same number one after the other. */
async function atOnce(): Promise<Figure[]> {
  return withWorkers(
    () => SCAN_MS,
    async ({ tasker }) => {
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
    },
  );
}

async function weigh(tasker: Tasker, project: string, weight: number): Promise<void> {
  const { status } = await fetch(`${tasker.url}/tasks/${project}/dispatch`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ weight }),
  });
  if (status !== 200) throw new Error(`the weight gave ${status}`);
}

async function run(tasker: Tasker, project: string, ...hosts: string[]) {
  const { status, body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts));
  if (status !== 200) throw new Error(`run-nmap gave ${status}`);
  return body;
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await delay(5)) {
    const found = look();
    if (found !== undefined) return found;
  }
  throw new Error('nothing came');
}
