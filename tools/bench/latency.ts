import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
} from '../../test/support/tasker.ts';
import { emptyFlows } from './emptyFlow.ts';
import { type Figure, median, percentile, timed } from './figures.ts';

const WARM_UP = 20;
const ROUNDS = 200;

/** A single-target POST: beside an empty flow of the same six jobs, and beside itself while a /16 is dispatched. */
export async function latency(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '0' });
  const worker = await startEmptyWorkers(installation);
  try {
    const flows: number[] = [];
    const idle: number[] = [];
    const yardstick = await emptyFlows(installation.env);
    try {
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        flows.push(await timed(() => yardstick.run()));
        idle.push(await timed(() => postOne(tasker)));
      }
    } finally {
      await yardstick.close();
    }
    const warmFlows = flows.slice(WARM_UP);
    const warmIdle = idle.slice(WARM_UP);
    const busy = await whileDispatching(tasker);
    const idleDetail = `POST ${median(warmIdle).toFixed(1)} ms, empty flow ${median(warmFlows).toFixed(1)} ms, medians of ${ROUNDS}`;
    const busyDetail = `p95 busy ${percentile(busy, 95).toFixed(1)} ms over ${busy.length} POSTs, idle ${percentile(warmIdle, 95).toFixed(1)} ms`;
    return [
      {
        what: 'single-target POST, idle',
        detail: idleDetail,
        value: median(warmIdle) / median(warmFlows),
        limit: { atMost: 2 },
        unit: 'x an empty flow',
      },
      {
        what: 'single-target POST while a /16 is dispatched, p95',
        detail: busyDetail,
        value: percentile(busy, 95) / percentile(warmIdle, 95),
        limit: { atMost: 4 },
        unit: 'x idle p95',
      },
    ];
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    await tasker.stop();
    await installation.drop();
  }
}

async function postOne(tasker: Tasker): Promise<void> {
  const { status } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['9.9.9.9']));
  if (status !== 200) throw new Error(`run-nmap gave ${status}`);
}

/**
 * Posts single targets one after the other for as long as a /16 of another project is on its way out. Looks at the list
 * of submissions for that: to ask for the submission itself would have all tasks counted that are out.
 */
async function whileDispatching(tasker: Tasker): Promise<number[]> {
  const project = randomUUID();
  await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.7.0.0/16']));
  const state = async () => (await tasker.get(`/tasks/${project}/submissions`)).body.submissions[0].state;
  const times: number[] = [];
  do {
    times.push(await timed(() => postOne(tasker)));
  } while ((await state()) === 'dispatching');
  return times;
}

/** The empty stages run in a process of their own, as the real ones do. */
export async function startEmptyWorkers(installation: Installation) {
  const child = fork(fileURLToPath(new URL('emptyWorkers.ts', import.meta.url)), {
    env: { ...process.env, ...installation.env },
  });
  await once(child, 'message');
  return child;
}
