import { randomUUID } from 'node:crypto';
import { FlowProducer, Queue, QueueEvents } from 'bullmq';

export const EMPTY_PREFIX = 'empty';
export const EMPTY_STAGES = ['expand', 'resolve', 'dedup', 'split', 'publish', 'submission'] as const;

export function connectionOf(env: Record<string, string | undefined>) {
  return {
    host: env.REDIS_HOST ?? '127.0.0.1',
    port: Number(env.REDIS_PORT),
    db: Number(env.REDIS_DB),
    maxRetriesPerRequest: null,
  };
}

/** The yardstick: a flow of the same six jobs that do nothing, from adding it until its root is done. */
export async function emptyFlows(env: Record<string, string | undefined>): Promise<{
  run(): Promise<void>;
  close(): Promise<void>;
}> {
  const connection = connectionOf(env);
  const options = { connection, prefix: EMPTY_PREFIX };
  const producer = new FlowProducer(options);
  const root = new Queue('submission', options);
  const events = new QueueEvents('submission', options);
  // Before that the end of the first flow may go unheard.
  await events.waitUntilReady();
  return {
    async run() {
      const id = randomUUID();
      const node = (name: string, children: { name: string; queueName: string }[] = []) => ({
        name,
        queueName: name,
        data: { submission: id },
        opts: { jobId: `${id}-${name}`, removeOnComplete: { count: 1_000 } },
        children,
      });
      const chain = node('submission', [
        node('split', [node('dedup', [node('expand'), node('resolve')])]),
        node('publish'),
      ]);
      const { job } = await producer.add(chain);
      await job.waitUntilFinished(events, 10_000);
    },
    async close() {
      await producer.close();
      await events.close();
      await root.close();
    },
  };
}
