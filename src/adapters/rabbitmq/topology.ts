import type { Channel, ChannelModel } from 'amqplib';
import { messageOf } from '../../runtime/errors.ts';
import {
  CANCEL_EXCHANGE,
  CONTROL_EXCHANGE,
  REPLY_EXCHANGE,
  SCAN_EXCHANGE,
  SCAN_QUEUE,
  SCAN_ROUTING_KEY,
  WORKER_EXCHANGE,
} from '../celery/names.ts';

/** What the workers declare too: another kind or argument is a conflict (406) for whoever comes second. */
const EXCHANGES = [
  { name: SCAN_EXCHANGE, kind: 'topic', durable: true },
  { name: CANCEL_EXCHANGE, kind: 'fanout', durable: true },
  { name: WORKER_EXCHANGE, kind: 'fanout', durable: true },
  { name: CONTROL_EXCHANGE, kind: 'fanout', durable: false },
  { name: REPLY_EXCHANGE, kind: 'direct', durable: false },
] as const;

/**
 * Declares everything that Tasker and the workers share, on a channel of its own. Declaring again is harmless.
 * @throws Error when RabbitMQ holds one of the objects with other settings. Stays so until an operator acts; the
 * workers fail on it too
 */
export async function declareTopology(model: ChannelModel): Promise<void> {
  const channel = await openChannel(model);
  try {
    for (const { name, kind, durable } of EXCHANGES) await channel.assertExchange(name, kind, { durable });
    await channel.assertQueue(SCAN_QUEUE, { durable: true });
    await channel.bindQueue(SCAN_QUEUE, SCAN_EXCHANGE, SCAN_ROUTING_KEY);
  } catch (error) {
    if (!isReply(error, 406)) throw error;
    const what = `RabbitMQ has an object with other settings than the workers and Tasker need (${messageOf(error)})`;
    const todo = 'Stop the workers, delete that queue or exchange, and it will be declared again';
    throw new Error(`${what}. ${todo}`, { cause: error });
  }
  await channel.close();
}

/** A channel whose errors are told by the call that failed, and by its 'close'. */
export async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  return channel;
}

/** Whether RabbitMQ answered with this reply code. */
export function isReply(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
