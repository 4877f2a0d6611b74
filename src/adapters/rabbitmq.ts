import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import type { RabbitmqConfig } from '../config.ts';
import { AwayError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { OutgoingMessage } from './celery.ts';
import { SCAN_QUEUE } from './celeryNames.ts';
import { keepConnected, within } from './rabbitmqConnection.ts';
import { listenForPongs } from './rabbitmqPongs.ts';
import { NotTakenError, Publisher } from './rabbitmqPublisher.ts';
import { type Matches, takeOut } from './rabbitmqTakeOut.ts';
import { declareTopology, isReply } from './rabbitmqTopology.ts';

const CALL_MS = 5_000;

export { NotTakenError };

export interface BrokerOptions {
  config: RabbitmqConfig;
  log: Logger;
  /** Milliseconds without a single confirm after which waiting publishers are told that RabbitMQ is away. @default 30000 */
  stallMs?: number;
}

/** RabbitMQ as Tasker uses it. While it is away every call rejects at once with an AwayError; nothing is queued. */
export interface Broker {
  readonly connected: boolean;
  /** Routing key of our queue for answers to pings. Another one after every reconnect: read it for each ping. */
  readonly replyKey: string;
  /** Ready messages in the scan queue. */
  depth(): Promise<number>;
  /**
   * Resolves when every message is confirmed and lies in a queue.
   * @throws AwayError when RabbitMQ went away: any part may have arrived
   * @throws NotTakenError when RabbitMQ returned or refused some; the others have arrived
   */
  publishTasks(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Sends one control or broadcast message and waits for the confirm; nobody may be listening. */
  broadcast(message: OutgoingMessage): Promise<void>;
  /**
   * Takes the matching ready messages out of the scan queue and gives their contents; the others keep their order.
   * `first`: how many messages to look at, from the head of the queue. @default all
   */
  takeOut(matches: Matches, first?: number): Promise<Buffer[]>;
  /** `listener` gets the worker's host name for each answer to a ping: one per node, so three per worker. */
  onPong(listener: (hostname: string) => void): void;
  /** Rejects what is under way, and connects no more. */
  close(): Promise<void>;
}

/** Returns at once and connects in the background. */
export function createBroker({ config, log, stallMs = 30_000 }: BrokerOptions): Broker {
  const listeners: ((hostname: string) => void)[] = [];
  let replyKey = '';

  const link = keepConnected({
    config,
    log,
    open: async (model, drop) => {
      await declareTopology(model);
      // A connection that died unnoticed may still hold the old queue and would take half of the answers.
      replyKey = randomUUID();
      await listenForPongs(model, {
        replyKey,
        onPong: (hostname) => {
          for (const listener of listeners) listener(hostname);
        },
        onGone: () => drop('the queue for answers to pings has gone'),
      });
      return openSession(model, { stallMs, drop });
    },
  });

  /** Runs `call` on the present connection; whatever ends with the connection is an AwayError. */
  async function use<T>(call: (session: Session) => Promise<T>): Promise<T> {
    const { session } = link;
    if (!session) throw new AwayError('rabbitmq', 'RabbitMQ is not connected');
    return call(session);
  }

  return {
    get connected() {
      return link.session !== undefined;
    },
    get replyKey() {
      return replyKey;
    },
    depth: () => use((session) => within(CALL_MS, 'count messages', session.depth())),
    publishTasks: (messages) =>
      use(async ({ model, tasks }) => {
        try {
          await tasks.publish(messages);
        } catch (error) {
          // Somebody may have deleted the queue or its binding: with both back, the next attempt succeeds.
          if (!(error instanceof AwayError)) await declareTopology(model).catch(() => {});
          throw error;
        }
      }),
    broadcast: (message) =>
      use(({ control }) => within(CALL_MS, 'confirm a broadcast', control.publish([message]))),
    takeOut: (matches, first) => use(({ model }) => takeOut(model, matches, first)),
    onPong: (listener) => {
      listeners.push(listener);
    },
    close: () => link.close(),
  };
}

interface Session {
  model: ChannelModel;
  tasks: Publisher;
  /** A channel of its own, so that a cancel never stands behind a thousand tasks. */
  control: Publisher;
  depth(): Promise<number>;
}

async function openSession(
  model: ChannelModel,
  { stallMs, drop }: { stallMs: number; drop: (reason: string) => void },
): Promise<Session> {
  const publisher = async (): Promise<Publisher> => {
    const channel = await model.createConfirmChannel();
    channel.on('error', () => {}); // 'close' follows
    channel.on('close', () => drop('a publishing channel was closed'));
    return new Publisher(channel, { stallMs, onStall: () => drop('nothing was confirmed for too long') });
  };
  const publishers = { tasks: await publisher(), control: await publisher() };
  const setBlocked = (blocked: boolean) => {
    for (const each of Object.values(publishers)) each.setBlocked(blocked);
  };
  model.on('blocked', () => setBlocked(true));
  model.on('unblocked', () => setBlocked(false));
  return { model, ...publishers, depth: depthCounter(model) };
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
      throw new AwayError('rabbitmq', `RabbitMQ did not count: ${messageOf(error)}`, { cause: error });
    }
  };
}
