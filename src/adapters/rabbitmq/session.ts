import type { Channel, ChannelModel } from 'amqplib';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { OutgoingMessage } from '../celery/messages.ts';
import { SCAN_EXCHANGE, SCAN_QUEUE } from '../celery/names.ts';
import { Alarm } from './alarm.ts';
import { Publisher } from './publisher.ts';
import { declareTopology, isReply } from './topology.ts';

/** RabbitMQ tells a connection of an alarm only when it publishes, so each one does now and then. */
const PROBE_EVERY_MS = 5_000;
/** Reaches no queue. To an exchange that we may publish to in any case. */
const PROBE: OutgoingMessage = {
  exchange: SCAN_EXCHANGE,
  routingKey: 'tasker.probe',
  content: Buffer.alloc(0),
  properties: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    deliveryMode: 2,
    priority: 0,
    headers: {},
  },
  mandatory: false,
};

/** What hangs on one connection. */
export interface Session {
  model: ChannelModel;
  alarm: Alarm;
  tasks: Publisher;
  /** A channel of its own, so that a cancel never stands behind a thousand tasks. */
  control: Publisher;
  depth(): Promise<number>;
}

interface SessionOptions {
  stallMs: number;
  /** Gives the connection up. */
  drop: (reason: string) => void;
  log: Logger;
}

export async function openSession(
  model: ChannelModel,
  { stallMs, drop, log }: SessionOptions,
): Promise<Session> {
  const publisher = async (whenBlocked: 'wait' | 'fail'): Promise<Publisher> => {
    const reopen = async () => {
      const channel = await model.createConfirmChannel();
      channel.on('error', () => {}); // 'close' follows
      return channel;
    };
    return new Publisher(await reopen(), { stallMs, reopen, onLost: drop, whenBlocked });
  };
  const [tasks, control] = [await publisher('wait'), await publisher('fail')];
  const alarm = new Alarm();
  model.on('blocked', (reason: unknown) => {
    log.warn({ reason }, 'RabbitMQ blocks publishers (memory or disk alarm); nothing is sent until it ends');
    alarm.begin(String(reason));
    for (const each of [tasks, control]) each.block(String(reason));
  });
  model.on('unblocked', () => {
    log.info('RabbitMQ takes messages again');
    alarm.end();
    for (const each of [tasks, control]) each.unblock();
  });
  const looking = setInterval(() => control.publish([PROBE]).catch(() => {}), PROBE_EVERY_MS);
  model.once('close', () => clearInterval(looking));
  return { model, alarm, tasks, control, depth: depthCounter(model) };
}

/** Counts on one channel that is kept, because a publish job asks before every batch. */
function depthCounter(model: ChannelModel): () => Promise<number> {
  let kept: Promise<Channel> | undefined;
  const channel = async (): Promise<Channel> => {
    const opened = await model.createChannel();
    opened.on('error', () => {}); // the failed call says it
    opened.on('close', () => {
      kept = undefined;
    });
    return opened;
  };
  const count = async (): Promise<number> => {
    kept ??= channel();
    return (await (await kept).checkQueue(SCAN_QUEUE)).messageCount;
  };
  return async () => {
    try {
      return await count().catch(async (error: unknown) => {
        if (!isReply(error, 404)) throw error;
        await declareTopology(model); // somebody deleted the queue
        return count();
      });
    } catch (error) {
      throw new ServiceUnavailableError('rabbitmq', `RabbitMQ did not count: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
}
