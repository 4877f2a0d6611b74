import type { Channel, ChannelModel } from 'amqplib';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { probe } from '../celery/messages.ts';
import { SCAN_QUEUE } from '../celery/names.ts';
import { blockedError } from './notTaken.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { declareTopology, isReply, openChannel } from './topology.ts';

/** RabbitMQ tells a connection of an alarm only when it publishes, so each one does now and then. */
const PROBE_EVERY_MS = 5_000;

/** Of the scan queue. */
interface QueueCounts {
  ready: number;
  /** Each worker is one. */
  consumers: number;
}

/**
 * What hangs on one connection.
 *
 * While RabbitMQ is short of memory or disk it no longer reads from connections that publish. What they have sent
 * lies in between: it arrives when the alarm ends, so it must not be sent again.
 */
export interface Session {
  model: ChannelModel;
  tasks: Publisher;
  /** A channel of its own, so that a cancel never stands behind a thousand tasks. */
  control: Publisher;
  counts(): Promise<QueueCounts>;
  /** Why RabbitMQ blocks publishers; undefined while it does not. */
  readonly blocked: string | undefined;
  /** Aborted when an alarm begins, with a ServiceUnavailableError. Another signal after each alarm. */
  readonly alarm: AbortSignal;
}

export async function openSession(
  model: ChannelModel,
  log: Logger,
  options: PublisherOptions,
): Promise<Session> {
  const open = async () => new Publisher(model, await model.createConfirmChannel(), options);
  const [tasks, control] = [await open(), await open()];
  let blocked: string | undefined;
  let alarm = new AbortController();
  model.on('blocked', (reason: unknown) => {
    log.warn({ reason }, 'RabbitMQ blocks publishers (memory or disk alarm); nothing is sent until it ends');
    blocked = String(reason);
    alarm.abort(blockedError(blocked));
    for (const each of [tasks, control]) each.block(blocked);
  });
  model.on('unblocked', () => {
    log.info('RabbitMQ takes messages again');
    blocked = undefined;
    alarm = new AbortController();
    for (const each of [tasks, control]) each.unblock();
  });
  const looking = setInterval(() => {
    if (blocked === undefined) control.publish([probe()]).catch(() => {});
  }, PROBE_EVERY_MS);
  model.once('close', () => clearInterval(looking));
  return {
    model,
    tasks,
    control,
    counts: queueCounter(model),
    get blocked() {
      return blocked;
    },
    get alarm() {
      return alarm.signal;
    },
  };
}

/** Counts on one channel that is kept, because a publish job asks before every batch. */
function queueCounter(model: ChannelModel): () => Promise<QueueCounts> {
  let channel: Promise<Channel> | undefined;
  const count = async (): Promise<QueueCounts> => {
    channel ??= openChannel(model);
    try {
      const { messageCount, consumerCount } = await (await channel).checkQueue(SCAN_QUEUE);
      return { ready: messageCount, consumers: consumerCount };
    } catch (error) {
      channel = undefined; // it is closed
      throw error;
    }
  };
  return async () => {
    try {
      return await count().catch(async (error: unknown) => {
        if (!isReply(error, 404)) throw error;
        await declareTopology(model); // somebody deleted the queue
        return count();
      });
    } catch (error) {
      const message = `RabbitMQ did not count: ${messageOf(error)}`;
      throw new ServiceUnavailableError('rabbitmq', message, { cause: error });
    }
  };
}
