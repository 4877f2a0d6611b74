import type { Channel, ConsumeMessage } from 'amqplib';
import type { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { connectRabbit, SCAN_QUEUE } from './scanQueue.ts';

export interface DyingWorker {
  task: string;
  /** Its connection goes, and RabbitMQ gives the task to the next one. Its keys stay. */
  die(): Promise<void>;
  /** Tasks that it was told to end. */
  cancelled: string[];
}

/** A worker takes one task, and says that it runs it since then. `answers`: it says what it has when it is asked. */
export async function beginTask(
  { vhost, redis }: { vhost: string; redis: Redis },
  host: string,
  at: number,
  answers = true,
): Promise<DyingWorker> {
  const connection = await connectRabbit(vhost);
  connection.on('error', () => {});
  onTestFinished(() => connection.close().catch(() => {}));
  const channel = await connection.createChannel();
  await channel.prefetch(1);
  const task = await new Promise<string>((resolve) => {
    const take = (message: ConsumeMessage | null) => resolve(String(message?.properties.headers?.id));
    void channel.consume(SCAN_QUEUE, take);
  });
  const cancelled: string[] = [];
  await listen(channel, 'nmap_cancel_queue', (body) => {
    const [[{ task_ids }]] = body as [[{ task_ids: string[] }]];
    cancelled.push(...task_ids);
  });
  await listen(channel, 'celery.pidbox', (body) => {
    if (answers) answer(channel, body as Asked, { host, task });
  });
  const entry = { ip: '11.0.0.1', hostnames: [], worker: host, started_at: at };
  const key = workerKeys.running(task, host);
  await redis.del(key);
  await redis.rpush(key, JSON.stringify(entry));
  await redis.hset(workerKeys.tool(host), task, 1);
  await redis.hset('tasker:unanswered-pings', host, 0);
  return { task, die: () => connection.close(), cancelled };
}

interface Asked {
  method: string;
  arguments: { ids: string[] };
  ticket: string;
  reply_to: { exchange: string; routing_key: string };
}

function answer(channel: Channel, asked: Asked, { host, task }: { host: string; task: string }): void {
  if (asked.method !== 'query_task') return;
  const held = asked.arguments.ids.includes(task) ? { [task]: ['active', {}] } : {};
  const content = Buffer.from(JSON.stringify({ [`${SCAN_QUEUE}@${host}`]: held }));
  const { exchange, routing_key: key } = asked.reply_to;
  channel.publish(exchange, key, content, { headers: { ticket: asked.ticket } });
}

async function listen(channel: Channel, exchange: string, told: (body: unknown) => void): Promise<void> {
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchange, '');
  await channel.consume(queue, (message) => message && told(JSON.parse(String(message.content))), {
    noAck: true,
  });
}
