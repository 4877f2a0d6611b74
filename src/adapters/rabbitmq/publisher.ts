import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { OutgoingMessage } from '../celery/messages.ts';
import { type Outcome, throwUnlessTaken } from './notTaken.ts';

/** What RabbitMQ closes a channel with because of one message on it: CONTENT_TOO_LARGE, PRECONDITION_FAILED. */
const TOO_LONG: ReadonlySet<unknown> = new Set([311, 406]);

/** A message of which it is not known yet what became of it. */
interface Pending {
  message: OutgoingMessage;
  /** All messages of its call. */
  call: readonly OutgoingMessage[];
  /** RabbitMQ returns a message before it confirms it. */
  returned: boolean;
  settle: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

export interface PublisherOptions {
  /** Without a single confirm for this long, RabbitMQ counts as away. */
  stallMs: number;
  /** Told when nothing was confirmed for `stallMs`, or the channel has gone for another reason than a message. */
  onLost: (reason: string) => void;
}

/**
 * Publishes on one confirm channel, many calls at once, in the order of the calls.
 *
 * RabbitMQ closes the channel when a message is longer than it may be, without a word about which one it was and what
 * became of the others. So a message that is longer than any that it has taken goes alone: the channel is closed
 * because of that one, another is opened, and all others go on.
 */
export class Publisher {
  readonly #model: ChannelModel;
  readonly #options: PublisherOptions;
  #channel: ConfirmChannel;
  /** In the order in which they are sent. */
  readonly #waiting = new Set<Pending>();
  /** Sent, and not confirmed. */
  readonly #out = new Set<Pending>();
  /** Bytes of the longest message that RabbitMQ has taken. */
  #longestTaken = 0;
  #writable = true;
  #away: ServiceUnavailableError | undefined;
  #stall: NodeJS.Timeout | undefined;

  constructor(model: ChannelModel, channel: ConfirmChannel, options: PublisherOptions) {
    this.#model = model;
    this.#options = options;
    this.#channel = channel;
    this.#listen();
  }

  /**
   * Resolves when RabbitMQ has confirmed every message and returned none. Not to be called while it blocks publishers.
   * @throws ServiceUnavailableError when the channel went or nothing was confirmed for too long: any part may have arrived; when
   * publishers were blocked before any was sent
   * @throws HeldBackError when publishers were blocked before all were sent: the others have arrived
   * @throws NotTakenError when RabbitMQ returned (no queue) or refused (queue full) some: the others have arrived
   * @throws TooLongError when some are longer than RabbitMQ takes: the others have arrived
   */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#away) throw this.#away;
    const outcomes = messages.map(
      (message) =>
        new Promise<Outcome>((settle, reject) => {
          this.#waiting.add({ message, call: messages, returned: false, settle, reject });
        }),
    );
    this.#watch();
    this.#pump();
    throwUnlessTaken(messages, await Promise.all(outcomes));
  }

  /** RabbitMQ's `blocked`: what is not sent is given back, and no silence of the rest is too long. */
  block(reason: string): void {
    for (const { settle } of this.#waiting) settle({ what: 'heldBack', told: reason });
    this.#waiting.clear();
    this.#stopWatch();
  }

  unblock(): void {
    this.#watch();
  }

  #listen(): void {
    let tooLong: Error | undefined;
    this.#channel.on('drain', () => {
      if (tooLong) return;
      this.#writable = true;
      this.#pump();
    });
    this.#channel.on('return', ({ properties }: Message) => {
      for (const pending of this.#out)
        if (pending.message.id === properties.correlationId && !pending.returned) {
          pending.returned = true;
          return;
        }
    });
    this.#channel.on('error', (error: Error & { code?: unknown }) => {
      if (TOO_LONG.has(error.code)) tooLong = error;
    });
    this.#channel.on('close', () => {
      if (tooLong) void this.#goOnWithout(tooLong);
      else this.#lose('the channel was closed before every message was confirmed');
    });
  }

  /** RabbitMQ closed the channel because of a message: its call hears of it, and the others go on. */
  async #goOnWithout(error: Error): Promise<void> {
    this.#writable = false;
    const alone = this.#alone();
    if (alone) alone.settle({ what: 'tooLong', told: messageOf(error) });
    else this.#giveUpSent(`it closed the channel: ${messageOf(error)}`);
    this.#out.clear();
    this.#longestTaken = 0;
    try {
      this.#channel = await this.#model.createConfirmChannel();
    } catch (failure) {
      this.#lose(messageOf(failure));
      return;
    }
    this.#listen();
    this.#writable = true;
    this.#goOn();
  }

  /** Nobody knows which message it was, so it is tried again by those whose messages were out: each long one alone. */
  #giveUpSent(reason: string): void {
    const calls = new Set([...this.#out].map(({ call }) => call));
    for (const pending of [...this.#out, ...this.#waiting]) {
      if (!calls.has(pending.call)) continue;
      this.#waiting.delete(pending);
      pending.reject(awayError(reason));
    }
  }

  #lose(reason: string): void {
    this.#fail(reason);
    this.#options.onLost(reason);
  }

  /** Rejects everything that is under way, and whatever comes later. */
  #fail(reason: string): void {
    if (this.#away) return;
    this.#away = awayError(reason);
    this.#stopWatch();
    for (const { reject } of [...this.#out, ...this.#waiting]) reject(this.#away);
    this.#out.clear();
    this.#waiting.clear();
  }

  /** Silence counts from now on, unless it does already or nothing is under way. */
  #watch(): void {
    if (this.#out.size + this.#waiting.size === 0) return;
    this.#stall ??= setTimeout(() => {
      this.#lose(`it confirms nothing for ${this.#options.stallMs} ms`);
    }, this.#options.stallMs);
  }

  #stopWatch(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  /** The only one that is out, because RabbitMQ has not taken one as long yet. */
  #alone(): Pending | undefined {
    const [first] = this.#out;
    return first && this.#isLong(first) ? first : undefined;
  }

  #isLong({ message }: Pending): boolean {
    return message.content.length > this.#longestTaken;
  }

  #pump(): void {
    for (const pending of this.#waiting) {
      if (!this.#writable || this.#alone() || (this.#isLong(pending) && this.#out.size > 0)) return;
      this.#waiting.delete(pending);
      this.#out.add(pending);
      this.#send(pending);
    }
  }

  #send(pending: Pending): void {
    const { exchange, routingKey, content, properties, mandatory } = pending.message;
    const options = { ...properties, mandatory };
    try {
      this.#writable = this.#channel.publish(exchange, routingKey, content, options, (error: Error | null) =>
        this.#confirmed(pending, error),
      );
    } catch (error) {
      // amqplib throws at once when the connection is being closed, before it tells anybody.
      this.#fail(messageOf(error));
    }
  }

  #confirmed(pending: Pending, error: Error | null): void {
    // amqplib calls back for all unconfirmed messages when the channel goes; its close event rejects the calls.
    if (error?.message === 'channel closed' || !this.#out.delete(pending)) return;
    if (!error) this.#longestTaken = Math.max(this.#longestTaken, pending.message.content.length);
    pending.settle({ what: error ? 'refused' : pending.returned ? 'returned' : 'arrived' });
    this.#goOn();
  }

  #goOn(): void {
    this.#pump();
    if (this.#out.size + this.#waiting.size === 0) this.#stopWatch();
    else this.#stall?.refresh();
  }
}

function awayError(reason: string): ServiceUnavailableError {
  return new ServiceUnavailableError('rabbitmq', `RabbitMQ is away: ${reason}`);
}
