/** What has to be true of a flow in the end, whatever happened on its way. */
import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import { projectKeys } from '../../src/adapters/redis/keys.ts';
import { QUEUE_PREFIX } from '../../src/adapters/redis/redis.ts';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { FLOW } from '../../src/flows/tree.ts';
import { BATCH_SIZE } from '../../src/targets/order/batches.ts';
import { type QueuedTask, SCAN_QUEUE } from './scanQueue.ts';
import { eventually, services } from './services.ts';
import { scan, type Tasker } from './tasker.ts';

interface BrokerAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
}

export function sharedBroker(vhost: string): BrokerAddress {
  return { ...services().rabbitmq, vhost };
}

/** Takes out what is in the scan queue; loses nothing also while more comes in. */
export async function drain({
  host: hostname,
  user: username,
  ...rest
}: BrokerAddress): Promise<QueuedTask[]> {
  const connection = await connect({ protocol: 'amqp', hostname, username, ...rest });
  try {
    const channel = await connection.createChannel();
    const { messageCount } = await channel.checkQueue(SCAN_QUEUE);
    const tasks: QueuedTask[] = [];
    const { consumerTag } = await channel.consume(
      SCAN_QUEUE,
      (message) => {
        if (!message) return;
        const headers = message.properties.headers ?? {};
        const [[task]] = JSON.parse(message.content.toString());
        tasks.push({ id: String(headers.id), task, headers });
      },
      { noAck: true },
    );
    await eventually(`${messageCount} tasks arrive`, () => tasks.length >= messageCount);
    // Closing right away would drop what is on its way to us.
    await channel.cancel(consumerTag);
    return tasks;
  } finally {
    await connection.close();
  }
}

/** A submission of one network. */
interface NetworkFlow {
  project: string;
  id: string;
  href: string;
  /** The addresses that have to be queued. */
  ips: string[];
}

/** Submits the network 11.`octet`.0.0, /16 to /30, in a project of its own; it has to be accepted as a whole. */
export async function submitNetwork(tasker: Tasker, octet: number, prefix: number): Promise<NetworkFlow> {
  const project = randomUUID();
  const ips = Array.from(
    { length: 2 ** (32 - prefix) - 2 },
    (_, index) => `11.${octet}.${(index + 1) >> 8}.${(index + 1) & 255}`,
  );
  const answer = await tasker.post(`/tasks/${project}/run-nmap`, scan([`11.${octet}.0.0/${prefix}`]));
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(answer.body.summary.sent_to_scan).toBe(ips.length);
  const { id, href } = answer.body.submission;
  return { project, id, href, ips };
}

/** Waits until more than `count` of its tasks are sent, and gives how many. Fails when that is all of them. */
export async function untilUnderWay(tasker: Tasker, { href, ips }: NetworkFlow, count = 0): Promise<number> {
  const sent = await eventually(`more than ${count} tasks are sent`, async () => {
    const { body } = await tasker.get(href);
    return body.sent > count && body.sent;
  });
  expect(sent, 'the flow was over before anything could happen to it').toBeLessThan(ips.length);
  return sent;
}

/** Takes tasks out of the queue, like workers, until the submission is done and the queue is empty. */
export async function drainUntilDone(
  tasker: Tasker,
  { href }: NetworkFlow,
  broker: BrokerAddress,
): Promise<QueuedTask[]> {
  const tasks: QueuedTask[] = [];
  await eventually(
    `${href} is done`,
    async () => {
      const { body } = await tasker.get(href);
      expect(body.failure).toBeUndefined();
      tasks.push(...(await drain(broker)));
      return body.state === 'done' || body.state === 'finished';
    },
    90_000,
  );
  return tasks;
}

/**
 * Every address was queued, with one task id each; of at most `batchesTwice` batches twice; what the workers and the
 * status go by is right; nothing is held any more; no job failed.
 */
export async function expectNothingLost(
  { tasker, redis }: { tasker: Tasker; redis: Redis },
  { project, id, href, ips }: NetworkFlow,
  queued: readonly QueuedTask[],
  batchesTwice: number,
): Promise<void> {
  const tasks = queued.filter(({ task }) => task.project === project);
  const idOf = new Map(tasks.map((task) => [task.task.ip, task.id]));
  expect([...idOf.keys()].sort()).toEqual([...ips].sort());
  const ids = new Set(tasks.map((task) => task.id));
  expect(ids.size, 'a task that is sent again keeps its id').toBe(ips.length);
  expect(tasks.length - ips.length).toBeLessThanOrEqual(batchesTwice * BATCH_SIZE);

  const submission = (await tasker.get(href)).body;
  expect(submission).toMatchObject({ id, state: 'done', total: ips.length, sent: ips.length });
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(ips.length);
  expect(new Set(await redis.smembers(workerKeys.projectTasks(project)))).toEqual(ids);
  const keys = projectKeys(project);
  expect(await redis.exists(keys.reservations, keys.open)).toBe(0);
  for (const stage of Object.keys(FLOW))
    expect(await redis.zcard(`${QUEUE_PREFIX}:${stage}:failed`), `failed ${stage} jobs`).toBe(0);
}
