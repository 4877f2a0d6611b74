import { randomUUID } from 'node:crypto';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { connectRabbit, queueDepth, SCAN_QUEUE, takeTasks } from '../../test/support/scanQueue.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
} from '../../test/support/tasker.ts';
import { type Figure, median } from './figures.ts';
import { publishPlainly } from './plainPublisher.ts';

const RUNS = 3;
const NETWORK = '11.7.0.0/16';
const TARGETS = 65_534;
const LOOK_EVERY_MS = 50;

/** A /16 without a window, beside plain amqplib that publishes the same messages with 1,000 unconfirmed. */
export async function dispatch(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '0' });
  try {
    await dispatchOnce(tasker, installation);
    const messages = await takeMessages(installation.vhost);
    await publishPlainly(installation.vhost, messages);
    await purge(installation.vhost);
    const ratios: number[] = [];
    const rates: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const plain = TARGETS / (await publishPlainly(installation.vhost, messages));
      await purge(installation.vhost);
      const ours = TARGETS / (await dispatchOnce(tasker, installation));
      await purge(installation.vhost);
      ratios.push(ours / plain);
      rates.push(`${Math.round(ours)}/${Math.round(plain)}`);
    }
    const detail = `tasks/s, Tasker/plain amqplib: ${rates.join(', ')}`;
    return [
      {
        what: 'dispatching a /16, window off',
        detail,
        value: median(ratios),
        limit: { atLeast: 0.75 },
        unit: 'of plain amqplib',
      },
    ];
  } finally {
    await tasker.stop();
    await installation.drop();
  }
}

/**
 * Seconds from the POST until the last task is confirmed. The yardstick has nobody who looks: so we look at the list
 * of submissions, which reads what is noted, and not at the submission, which counts the tasks that are out.
 */
export async function dispatchOnce(tasker: Tasker, { redis, vhost }: Installation): Promise<number> {
  const project = randomUUID();
  const start = performance.now();
  const { status } = await tasker.post(`/tasks/${project}/run-nmap`, scan([NETWORK]));
  if (status !== 200) throw new Error(`run-nmap gave ${status}`);
  const sent = async () => (await tasker.get(`/tasks/${project}/submissions`)).body.submissions[0].sent;
  while ((await sent()) < TARGETS) await new Promise((r) => setTimeout(r, LOOK_EVERY_MS));
  const seconds = (performance.now() - start) / 1_000;
  const depth = await queueDepth(vhost);
  if (depth !== TARGETS) throw new Error(`${depth} tasks are in the queue instead of ${TARGETS}`);
  // They are taken or purged, and no worker ends them: they would be sent again as lost.
  await redis.del(workerKeys.projectTasks(project));
  return seconds;
}

async function takeMessages(vhost: string) {
  return (await takeTasks(vhost)).map(({ task, headers }) => ({
    content: Buffer.from(
      JSON.stringify([[task], {}, { callbacks: null, errbacks: null, chain: null, chord: null }]),
    ),
    headers,
  }));
}

export async function purge(vhost: string): Promise<void> {
  const connection = await connectRabbit(vhost);
  const channel = await connection.createChannel();
  await channel.purgeQueue(SCAN_QUEUE);
  await connection.close();
}
