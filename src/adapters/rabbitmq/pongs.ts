import type { ChannelModel } from 'amqplib';
import { REPLY_EXCHANGE } from '../celery/names.ts';
import { parsePong } from '../celery/parse.ts';

/** int32, as Celery's own clients declare them. */
const REPLY_QUEUE_ARGUMENTS = {
  'x-expires': { '!': 'int', value: 10_000 },
  'x-message-ttl': { '!': 'int', value: 300_000 },
};

export interface PongOptions {
  /** UUID; the workers send their answers with it. */
  replyKey: string;
  onPong: (hostname: string) => void;
  /** Told when the queue or the channel has gone while the connection stands. */
  onGone: () => void;
}

/** Declares the queue for the answers to our pings and consumes it until the connection ends. */
export async function listenForPongs(model: ChannelModel, options: PongOptions): Promise<void> {
  const { replyKey, onPong, onGone } = options;
  const queue = `${replyKey}.${REPLY_EXCHANGE}`;
  const channel = await model.createChannel();
  channel.on('error', () => {}); // 'close' follows
  channel.on('close', onGone);
  await channel.assertQueue(queue, { durable: false, autoDelete: true, arguments: REPLY_QUEUE_ARGUMENTS });
  await channel.bindQueue(queue, REPLY_EXCHANGE, replyKey);
  await channel.consume(
    queue,
    (message) => {
      if (!message) return onGone();
      const pong = parsePong(message.content);
      if (pong) onPong(pong.hostname);
    },
    { noAck: true },
  );
}
