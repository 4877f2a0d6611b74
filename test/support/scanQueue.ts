import { connect } from 'amqplib';
import { services } from './services.ts';

export interface QueuedTask {
  id: string;
  task: { ip: string; hostnames: string[]; project: string } & Record<string, unknown>;
  headers: Record<string, unknown>;
}

export const SCAN_QUEUE = 'nmap_scan_queue';

export async function connectRabbit(vhost: string) {
  const { host, port, user, password } = services().rabbitmq;
  return connect({ protocol: 'amqp', hostname: host, port, username: user, password, vhost });
}

/** Takes every message out of the scan queue, in order. */
export async function takeTasks(vhost: string): Promise<QueuedTask[]> {
  const connection = await connectRabbit(vhost);
  try {
    const channel = await connection.createChannel();
    const tasks: QueuedTask[] = [];
    const collected = new Promise<void>((resolve, reject) => {
      channel.on('error', reject);
      void (async () => {
        const { messageCount } = await channel.checkQueue(SCAN_QUEUE);
        if (messageCount === 0) return resolve();
        await channel.consume(SCAN_QUEUE, (message) => {
          // What arrives beyond them goes back to the queue with the channel.
          if (!message || tasks.length === messageCount) return;
          channel.ack(message);
          const [args] = JSON.parse(message.content.toString());
          tasks.push({
            id: String(message.properties.headers?.id),
            task: args[0],
            headers: message.properties.headers ?? {},
          });
          if (tasks.length === messageCount) resolve();
        });
      })().catch(reject);
    });
    await collected;
    await channel.close();
    return tasks;
  } finally {
    await connection.close();
  }
}

/** Ready messages in the scan queue. */
export async function queueDepth(vhost: string): Promise<number> {
  const connection = await connectRabbit(vhost);
  try {
    const channel = await connection.createChannel();
    return (await channel.checkQueue(SCAN_QUEUE)).messageCount;
  } finally {
    await connection.close();
  }
}
