import type { ChannelModel } from 'amqplib';
import { REPLY_EXCHANGE } from '../celery/names.ts';
import { type HeldTasks, parseHeldTasks, parsePong } from '../celery/parse.ts';
import { openChannel } from './topology.ts';

/** int32, as Celery's own clients declare them. */
const REPLY_QUEUE_ARGUMENTS = {
  'x-expires': { '!': 'int', value: 10_000 },
  'x-message-ttl': { '!': 'int', value: 300_000 },
};

export interface ReplyListener {
  onPong(hostname: string): void;
  /** `ticket`: of the question that is answered. */
  onHeld(ticket: string, held: HeldTasks): void;
}

/**
 * Declares the queue for the answers of workers to our pings and questions and consumes it until the connection ends.
 *
 * @param replyKey UUID; the workers send their answers with it
 * @param onGone told when the queue or the channel has gone while the connection stands
 */
export async function listenForPongs(
  model: ChannelModel,
  replyKey: string,
  listener: ReplyListener,
  onGone: () => void,
): Promise<void> {
  const queue = `${replyKey}.${REPLY_EXCHANGE}`;
  const channel = await openChannel(model);
  channel.on('close', onGone);
  await channel.assertQueue(queue, { durable: false, autoDelete: true, arguments: REPLY_QUEUE_ARGUMENTS });
  await channel.bindQueue(queue, REPLY_EXCHANGE, replyKey);
  await channel.consume(
    queue,
    (message) => {
      if (!message) return onGone();
      const hostname = parsePong(message.content);
      if (hostname !== undefined) return listener.onPong(hostname);
      const ticket: unknown = message.properties.headers?.ticket;
      const held = typeof ticket === 'string' ? parseHeldTasks(message.content) : undefined;
      if (held !== undefined) listener.onHeld(String(ticket), held);
    },
    { noAck: true },
  );
}
