import type { ChannelModel } from 'amqplib';
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

/** RabbitMQ holds an object with other settings. Stays so until an operator acts; the workers fail on it too. */
class TopologyConflictError extends Error {
  override readonly name = 'TopologyConflictError';
}

/**
 * Declares everything that Tasker and the workers share, on a channel of its own. Declaring again is harmless.
 * @throws TopologyConflictError when RabbitMQ holds one of the objects with other settings
 */
export async function declareTopology(model: ChannelModel): Promise<void> {
  const channel = await model.createChannel();
  channel.on('error', () => {}); // the failed call says it
  try {
    for (const { name, kind, durable } of EXCHANGES) await channel.assertExchange(name, kind, { durable });
    await channel.assertQueue(SCAN_QUEUE, { durable: true });
    await channel.bindQueue(SCAN_QUEUE, SCAN_EXCHANGE, SCAN_ROUTING_KEY);
  } catch (error) {
    throw isReply(error, 406) ? conflict(error) : error;
  }
  await channel.close();
}

function conflict(error: unknown): TopologyConflictError {
  return new TopologyConflictError(
    `RabbitMQ has an object with other settings than the workers and Tasker need (${messageOf(error)}). ` +
      'Stop the workers, delete that queue or exchange, and it will be declared again',
    { cause: error },
  );
}

/** Whether RabbitMQ answered with this reply code. */
export function isReply(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
