import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRabbit, queueDepth, SCAN_QUEUE } from '../../test/support/scanQueue.ts';
import { ownInstallation, scan, startTasker, type Tasker } from '../../test/support/tasker.ts';
import { type Figure, timed } from './figures.ts';
import { eachProcessKb, forgetPeaks } from './processes.ts';

const TASKS = 65_534;
/** Of those that `auto` makes. */
const LARGEST_WINDOW = 1_000;
/** For the comparison of windows: enough for some seconds. */
const FEWER = { network: '11.0.0.0/18', tasks: 16_382 };
const PREFETCH = 100;
const PATIENCE_MS = 120_000;

/** A stop of a /16 that stands in RabbitMQ; and what the window costs workers that do nothing but take. */
export async function stopping(): Promise<Figure[]> {
  const all = await stopOf('0', TASKS, 3);
  return [...all, ...(await stopOf(String(LARGEST_WINDOW), LARGEST_WINDOW, 1)), await beside()];
}

/** @param ready messages, of the tasks of a /16 */
async function stopOf(window: string, ready: number, atMost: number): Promise<Figure[]> {
  return withTasker(window, async (tasker, vhost) => {
    const project = randomUUID();
    await run(tasker, project, '11.0.0.0/16');
    await until(async () => (await queueDepth(vhost)) >= ready);
    forgetPeaks(tasker);
    const ms = await timed(async () => {
      const { status, body } = await tasker.get(`/tasks/${project}/stop-nmap`);
      if (status !== 200) throw new Error(`stop-nmap gave ${status}: ${JSON.stringify(body)}`);
    });
    const mb = (eachProcessKb(tasker, 'peak')[0] ?? Number.NaN) / 1024;
    const what = `a stop of a /16, window ${window}`;
    const detail = `${ready} ready messages of ${TASKS} tasks`;
    return [
      { what, detail, value: ms / 1_000, limit: { atMost }, unit: 's' },
      { what: `${what}: the API`, detail, value: mb, limit: { atMost: 250 }, unit: 'MB at most' },
    ];
  });
}

async function beside(): Promise<Figure> {
  const off = await rate('0');
  const auto = await rate('auto');
  return {
    what: 'tasks taken by workers as fast as RabbitMQ gives them, window auto',
    detail: `tasks/s, auto/off: ${auto.toFixed(0)}/${off.toFixed(0)}`,
    value: auto / off,
    limit: { atLeast: 0.8 },
    unit: 'of the rate with the window off',
  };
}

/** Tasks a second from the first one that is taken to the last one. */
function rate(window: string): Promise<number> {
  return withTasker(window, async (tasker, vhost) => {
    const connection = await connectRabbit(vhost);
    const channel = await connection.createChannel();
    await channel.prefetch(PREFETCH);
    let [taken, firstMs, lastMs] = [0, 0, 0];
    await channel.consume(SCAN_QUEUE, (message) => {
      if (!message) return;
      channel.ack(message);
      lastMs = performance.now();
      if (taken++ === 0) firstMs = lastMs;
    });
    await run(tasker, randomUUID(), FEWER.network);
    await until(async () => taken >= FEWER.tasks);
    await connection.close();
    return (1_000 * taken) / (lastMs - firstMs);
  });
}

async function withTasker<T>(
  window: string,
  work: (tasker: Tasker, vhost: string) => Promise<T>,
): Promise<T> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: window });
  try {
    return await work(tasker, installation.vhost);
  } finally {
    await tasker.stop();
    await installation.drop();
  }
}

async function run(tasker: Tasker, project: string, network: string): Promise<void> {
  const { status } = await tasker.post(`/tasks/${project}/run-nmap`, scan([network]));
  if (status !== 200) throw new Error(`run-nmap gave ${status}`);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; !(await condition()); await delay(100))
    if (performance.now() > deadline) throw new Error('not all tasks came');
}
