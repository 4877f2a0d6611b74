import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tasker } from '../../../test/support/tasker.ts';
import type { SimulatedTask } from '../../simulatedWorker/scans.ts';
import { type Figure, timed } from '../figures.ts';
import { run, type Scene } from './scene.ts';

const NETWORK = '14.0.0.0/16';
const HALF = '14.0.0.0/17';
const SETTLE_MS = 8_000;
const LOOK_ON_MS = 3_000;

interface Way {
  what: string;
  ask: (tasker: Tasker, project: string, submission: string) => ReturnType<Tasker['post']>;
  /** Whether a task of the project is taken back. */
  isMeant: (task: SimulatedTask) => boolean;
}

const WAYS: readonly Way[] = [
  ...(['pause', 'cancel'] as const).map((what) => ({
    what: `${what} of a /16`,
    ask: (tasker: Tasker, project: string, submission: string) =>
      tasker.post(`/tasks/${project}/submissions/${submission}/${what}`, {}),
    isMeant: () => true,
  })),
  {
    what: 'exclusion of half a /16',
    ask: (tasker, project) =>
      tasker.post(`/tasks/${project}/exclusions`, { hosts: [HALF], why: 'benchmark' }),
    isMeant: ({ ip }) => Number(ip.split('.')[2]) < 128,
  },
];

/** How long after the answer a worker still takes a task of what is paused, cancelled or excluded. */
export async function takenBack({ tasker, workers }: Scene): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { what, ask, isMeant } of WAYS) {
    const project = randomUUID();
    const { submission } = await run(tasker, project, NETWORK);
    await delay(SETTLE_MS);
    let answeredMs = 0;
    const tookMs = await timed(async () => {
      const { status, body } = await ask(tasker, project, submission.id);
      if (status !== 200) throw new Error(`${what} gave ${status}: ${JSON.stringify(body)}`);
      answeredMs = performance.now();
    });
    await delay(LOOK_ON_MS);
    const own = workers.scans.filter(({ task }) => task.project === project);
    const meant = own.filter(({ task }) => isMeant(task));
    if (meant.length === 0) throw new Error('no worker took anything of it before');
    const lastMs = Math.max(...meant.map(({ beganMs }) => beganMs));
    const since = own.filter(({ beganMs }) => beganMs > answeredMs).length;
    figures.push({
      what: `${what}: the last task of it that a worker takes`,
      detail: `answered within ${tookMs.toFixed(0)} ms; ${meant.length} of it taken, ${since} of the scan since the answer`,
      value: Math.max(0, lastMs - answeredMs) / 1_000,
      limit: { atMost: 1 },
      unit: 's after the answer',
    });
    await tasker.post(`/tasks/${project}/submissions/${submission.id}/cancel`, {});
  }
  return figures;
}
