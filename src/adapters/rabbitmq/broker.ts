import { randomUUID } from 'node:crypto';
import pTimeout from 'p-timeout';
import type { RabbitmqConfig } from '../../config/config.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Tracing } from '../../runtime/tracing.ts';
import { type OutgoingMessage, queryTasks } from '../celery/messages.ts';
import { SCAN_QUEUE } from '../celery/names.ts';
import type { HeldTasks } from '../celery/parse.ts';
import { keepConnected, within } from './connection.ts';
import { drainMatching, type Matches, type TakeOutOptions } from './drainMatching.ts';
import { NotTakenError, TooLongError } from './notTaken.ts';
import { listenForPongs } from './pongs.ts';
import { openSession, type Session } from './session.ts';
import { declareTopology } from './topology.ts';

const CALL_MS = 5_000;
/** How long workers have to say what they have in hand. */
const ANSWER_MS = 3_000;
/** In the words of OpenTelemetry. */
const MESSAGING = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': SCAN_QUEUE };

export interface BrokerOptions {
  config: RabbitmqConfig;
  log: Logger;
  /** Milliseconds without a single confirm after which waiting publishers are told that RabbitMQ is away. @default 30000 */
  stallMs?: number;
  tracing?: Tracing | undefined;
}

/**
 * RabbitMQ as Tasker uses it. While it is away or blocks publishers every call rejects at once with a ServiceUnavailableError;
 * nothing is queued.
 */
export interface Broker {
  readonly connected: boolean;
  /** Why RabbitMQ blocks publishers (a memory or disk alarm); undefined while it does not. */
  readonly blocked: string | undefined;
  /** Routing key of our queue for answers to pings. Another one after every reconnect: read it for each ping. */
  readonly replyKey: string;
  /** Ready messages in the scan queue. */
  depth(): Promise<number>;
  /** Who takes messages out of it: workers, also those that have not answered a ping yet. */
  consumers(): Promise<number>;
  /**
   * Resolves when every message is confirmed and lies in a queue. When RabbitMQ blocks publishers meanwhile, that may
   * take as long as its alarm lasts.
   * @throws ServiceUnavailableError when RabbitMQ went away: any part may have arrived
   * @throws NotTakenError when RabbitMQ returned or refused some; the others have arrived
   * @throws TooLongError when some are longer than RabbitMQ takes (max_message_size); the others have arrived
   * @throws HeldBackError when RabbitMQ blocked publishers before all were sent; the others have arrived
   */
  publishTasks(messages: readonly OutgoingMessage[]): Promise<void>;
  /**
   * Sends one control or broadcast message and waits for the confirm; nobody may be listening.
   * @throws ServiceUnavailableError also when RabbitMQ refuses it
   */
  broadcast(message: OutgoingMessage): Promise<void>;
  /**
   * Asks all workers which of these tasks they have in hand, also those that they have not begun. Gives their answers by
   * host: of all consumers of the queue, or of those that answered within 3 s.
   */
  heldTasks(ids: readonly string[]): Promise<Map<string, string[]>>;
  /** Takes the matching ready messages out of the scan queue and gives how many they were; the others keep their order. */
  drainMatching(matches: Matches, options?: TakeOutOptions): Promise<number>;
  /** From now on `listener`, and no other, gets the worker's host name for each answer to a ping: one per node, so three per worker. */
  onPong(listener: (hostname: string) => void): void;
  /** Rejects what is under way, and connects no more. */
  close(): Promise<void>;
}

/** Returns at once and connects in the background. */
export function createBroker({ config, log, stallMs = 30_000, tracing }: BrokerOptions): Broker {
  let pongListener: (hostname: string) => void = () => {};
  let replyKey = '';
  const asked = new Map<string, (held: HeldTasks) => void>();

  const link = keepConnected(config, log, async (model, drop) => {
    await declareTopology(model);
    // A connection that died unnoticed may still hold the old queue and would take half of the answers.
    replyKey = randomUUID();
    const onGone = () => drop('the queue for answers to pings has gone');
    const onHeld = (ticket: string, held: HeldTasks) => asked.get(ticket)?.(held);
    await listenForPongs(model, replyKey, { onPong: (hostname) => pongListener(hostname), onHeld }, onGone);
    return openSession(model, log, { stallMs, onLost: drop });
  });

  /** Runs `call` on the present connection; whatever ends with the connection is a ServiceUnavailableError. */
  async function use<T>(call: (session: Session) => Promise<T>): Promise<T> {
    const { session } = link;
    if (!session) throw new ServiceUnavailableError('rabbitmq', 'RabbitMQ is not connected');
    session.alarm.throwIfAborted();
    return call(session);
  }

  const broadcast = (message: OutgoingMessage) =>
    use(async ({ control, alarm }) => {
      try {
        await within(CALL_MS, 'confirm a broadcast', control.publish([message]), alarm);
      } catch (error) {
        // Whoever asks for something is told that RabbitMQ does not take part, and asks again.
        if (!(error instanceof NotTakenError) || error instanceof TooLongError) throw error;
        throw new ServiceUnavailableError('rabbitmq', error.message, { cause: error });
      }
    });

  async function heldTasks(ids: readonly string[]): Promise<Map<string, string[]>> {
    const answers = new Map<string, string[]>();
    const ticket = randomUUID();
    const { consumers } = await counts();
    const all = new Promise<void>((resolve) => {
      asked.set(ticket, ({ host, ids: held }) => {
        answers.set(host, held);
        if (answers.size >= consumers) resolve();
      });
    });
    try {
      await broadcast(queryTasks(ids, ticket, replyKey));
      if (consumers > 0) await pTimeout(all, { milliseconds: ANSWER_MS, fallback: () => {} });
    } finally {
      asked.delete(ticket);
    }
    return answers;
  }

  const counts = () => use((session) => within(CALL_MS, 'count messages', session.counts(), session.alarm));

  const publishTasks = (messages: readonly OutgoingMessage[]) =>
    use(async ({ model, tasks }) => {
      try {
        await tasks.publish(messages);
      } catch (error) {
        // Somebody may have deleted the queue or its binding: with both back, the next attempt succeeds.
        const isMissing = error instanceof NotTakenError && !(error instanceof TooLongError);
        if (isMissing) await declareTopology(model).catch(() => {});
        throw error;
      }
    });

  return {
    get connected() {
      return link.session !== undefined;
    },
    get blocked() {
      return link.session?.blocked;
    },
    get replyKey() {
      return replyKey;
    },
    depth: async () => (await counts()).ready,
    consumers: async () => (await counts()).consumers,
    publishTasks: (messages) => {
      if (tracing === undefined) return publishTasks(messages);
      const attributes = { ...MESSAGING, 'messaging.batch.message_count': messages.length };
      return tracing.step(`publish ${SCAN_QUEUE}`, attributes, () => publishTasks(messages));
    },
    broadcast,
    heldTasks,
    drainMatching: (matches, options) =>
      use(({ model, alarm: signal }) =>
        pTimeout(drainMatching(model, matches, { ...options, signal }), { milliseconds: Infinity, signal }),
      ),
    onPong: (listener) => {
      pongListener = listener;
    },
    close: () => link.close(),
  };
}

/** Ready messages in the scan queue; null while RabbitMQ does not answer. */
export async function depthOrNull(broker: Broker): Promise<number | null> {
  try {
    return await broker.depth();
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return null;
    throw error;
  }
}
