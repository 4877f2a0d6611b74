import type { ConfirmChannel, Message } from 'amqplib';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { OutgoingMessage } from '../celery/messages.ts';
import { blockedError } from './alarm.ts';
import { type NotTaken, notTakenError } from './notTaken.ts';

/** More than 1,000 unconfirmed messages make RabbitMQ no faster, and a crash more expensive. */
const MAX_UNCONFIRMED = 1_000;
/** Messages encoded without a pause, a millisecond: other work of the process runs in between. */
const SLICE = 40;

/** What RabbitMQ closes a channel with because of one message on it: CONTENT_TOO_LARGE, PRECONDITION_FAILED. */
const TOO_LONG: ReadonlySet<unknown> = new Set([311, 406]);

interface Call extends NotTaken {
  messages: readonly OutgoingMessage[];
  sent: number;
  settled: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface PublisherOptions {
  /** Without a single confirm for this long, RabbitMQ counts as away. */
  stallMs: number;
  /** Another channel, in the place of one that RabbitMQ closed because of a message. */
  reopen: () => Promise<ConfirmChannel>;
  /** Told when nothing was confirmed for `stallMs`, or the channel has gone for another reason. */
  onLost: (reason: string) => void;
  /**
   * What becomes of calls that are under way when RabbitMQ begins to block publishers. `wait`: what was sent is on its
   * way, and sending it again would send it twice, so the call waits for its confirms. `fail`: nobody minds.
   */
  whenBlocked: 'wait' | 'fail';
}

/**
 * Publishes on one confirm channel, many calls at once, in the order of the calls.
 *
 * RabbitMQ closes the channel when a message is longer than it may be, without a word about which one it was and what
 * became of the others. So a message that is longer than any that it has taken goes alone: the channel is closed
 * because of that one, another is opened, and all others go on.
 */
export class Publisher {
  #channel: ConfirmChannel;
  readonly #options: PublisherOptions;
  /** Calls with messages that are not sent yet; the first one is being sent. */
  readonly #waiting: Call[] = [];
  readonly #open = new Set<Call>();
  /** How often each id was returned; RabbitMQ returns a message before it confirms it. */
  readonly #returned = new Map<string, number>();
  #unconfirmed = 0;
  /** Bytes of the longest message that RabbitMQ has taken. */
  #longestTaken = 0;
  /** The only one that is out, because RabbitMQ has not taken one as long yet. */
  #alone: { call: Call; message: OutgoingMessage } | undefined;
  #writable = true;
  /** Why RabbitMQ blocks publishers: what is sent then would only fill the socket. */
  #blocked: string | undefined;
  /** A slice was sent; the next one follows after a turn of the event loop. */
  #pumping = false;
  #away: ServiceUnavailableError | undefined;
  #stall: NodeJS.Timeout | undefined;

  constructor(channel: ConfirmChannel, options: PublisherOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#listenTo(channel);
  }

  #listenTo(channel: ConfirmChannel): void {
    let tooLong: Error | undefined;
    channel.on('drain', () => {
      if (tooLong) return;
      this.#writable = true;
      this.#pump();
    });
    channel.on('return', (message: Message) => {
      const id = String(message.properties.correlationId);
      this.#returned.set(id, (this.#returned.get(id) ?? 0) + 1);
    });
    channel.on('error', (error: Error & { code?: unknown }) => {
      if (TOO_LONG.has(error.code)) tooLong = error;
    });
    channel.on('close', () => {
      if (tooLong) void this.#goOnWithout(tooLong);
      else this.#lose('the channel was closed before every message was confirmed');
    });
  }

  /** RabbitMQ closed the channel because of a message: its call hears of it, and the others go on. */
  async #goOnWithout(error: Error): Promise<void> {
    this.#writable = false;
    this.#unconfirmed = 0;
    this.#longestTaken = 0;
    this.#returned.clear();
    if (this.#alone) this.#settleAlone(this.#alone, error);
    else this.#giveUpSent(`it closed the channel: ${messageOf(error)}`);
    this.#alone = undefined;
    try {
      this.#channel = await this.#options.reopen();
    } catch (failure) {
      this.#lose(messageOf(failure));
      return;
    }
    this.#listenTo(this.#channel);
    this.#writable = true;
    this.#stall?.refresh();
    this.#pump();
  }

  #settleAlone({ call, message }: { call: Call; message: OutgoingMessage }, error: Error): void {
    call.tooLong.push(message.id ?? '');
    call.told = messageOf(error);
    this.#count(call);
  }

  /** Nobody knows which message it was, so it is tried again by those whose messages were out: each long one alone. */
  #giveUpSent(reason: string): void {
    for (const call of this.#open) {
      if (call.sent === call.settled) continue;
      this.#open.delete(call);
      const place = this.#waiting.indexOf(call);
      if (place >= 0) this.#waiting.splice(place, 1);
      call.reject(awayError(reason));
    }
    if (this.#open.size === 0) this.#stopWatch();
  }

  #lose(reason: string): void {
    this.fail(reason);
    this.#options.onLost(reason);
  }

  /** RabbitMQ's `blocked`: nothing more is sent, and no silence is too long. */
  block(reason: string): void {
    this.#blocked = reason;
    this.#stopWatch();
    const { whenBlocked } = this.#options;
    for (const call of whenBlocked === 'fail' ? this.#open : this.#waiting) this.#cutShort(call, reason);
    this.#waiting.length = 0;
  }

  unblock(): void {
    this.#blocked = undefined;
    if (this.#open.size > 0) this.#watch();
    this.#pump();
  }

  /**
   * Resolves when RabbitMQ has confirmed every message and returned none.
   * @throws ServiceUnavailableError when the channel went or nothing was confirmed for too long: any part may have arrived; when
   * publishers are blocked: nothing was sent
   * @throws HeldBackError when publishers were blocked before all were sent: the others have arrived
   * @throws NotTakenError when RabbitMQ returned (no queue) or refused (queue full) some: the others have arrived
   * @throws TooLongError when some are longer than RabbitMQ takes: the others have arrived
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#away) return Promise.reject(this.#away);
    if (this.#blocked !== undefined) return Promise.reject(blockedError(this.#blocked));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const counts = { sent: 0, settled: 0, heldBack: [], returned: [], refused: [], tooLong: [] };
      const call: Call = { messages, ...counts, resolve, reject };
      this.#open.add(call);
      this.#waiting.push(call);
      if (this.#open.size === 1) this.#watch();
      this.#pump();
    });
  }

  /** Rejects everything that is under way, and whatever comes later. */
  fail(reason: string): void {
    if (this.#away) return;
    this.#away = awayError(reason);
    this.#stopWatch();
    for (const call of this.#open) call.reject(this.#away);
    this.#open.clear();
    this.#waiting.length = 0;
  }

  #watch(): void {
    this.#stall = setTimeout(() => {
      this.#lose(`it confirms nothing for ${this.#options.stallMs} ms`);
    }, this.#options.stallMs);
  }

  #stopWatch(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  /** Ends a call that was not sent as a whole. Of what was sent it gives the outcome, if that is waited for. */
  #cutShort(call: Call, reason: string): void {
    if (call.sent === 0 || this.#options.whenBlocked === 'fail') {
      this.#open.delete(call);
      call.reject(blockedError(reason));
      return;
    }
    call.heldBack = call.messages.slice(call.sent).map(({ id = '' }) => id);
    call.messages = call.messages.slice(0, call.sent);
    if (call.settled === call.messages.length) this.#settle(call);
  }

  #pump(): void {
    if (this.#pumping) return;
    for (let sent = 0; this.#mayPublish(); sent++) {
      const call = this.#waiting[0];
      const message = call?.messages[call.sent];
      if (!call || !message) return;
      if (sent === SLICE) {
        this.#pumpLater();
        return;
      }
      if (message.content.length > this.#longestTaken) {
        if (this.#unconfirmed > 0) return;
        this.#alone = { call, message };
      }
      call.sent += 1;
      if (call.sent === call.messages.length) this.#waiting.shift();
      this.#send(call, message);
    }
  }

  #mayPublish(): boolean {
    if (this.#away || this.#alone || !this.#writable || this.#blocked !== undefined) return false;
    return this.#unconfirmed < MAX_UNCONFIRMED;
  }

  #pumpLater(): void {
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #send(call: Call, message: OutgoingMessage): void {
    const { exchange, routingKey, content, properties, mandatory } = message;
    this.#unconfirmed += 1;
    try {
      this.#writable = this.#channel.publish(
        exchange,
        routingKey,
        content,
        { ...properties, mandatory },
        (error: Error | null) => this.#confirmed(call, message, error),
      );
    } catch (error) {
      // amqplib throws at once when the connection is being closed, before it tells anybody.
      this.fail(messageOf(error));
    }
  }

  #confirmed(call: Call, message: OutgoingMessage, error: Error | null): void {
    // amqplib calls back for all unconfirmed messages when the channel goes; its close event rejects the calls.
    if (this.#away || error?.message === 'channel closed') return;
    this.#unconfirmed -= 1;
    this.#alone = undefined;
    this.#stall?.refresh();
    if (!error) this.#longestTaken = Math.max(this.#longestTaken, message.content.length);
    if (error) call.refused.push(message.id ?? '');
    else if (this.#returned.size > 0 && this.#wasReturned(message)) call.returned.push(message.id ?? '');
    this.#count(call);
    this.#pump();
  }

  #count(call: Call): void {
    call.settled += 1;
    if (call.settled === call.messages.length) this.#settle(call);
  }

  #wasReturned({ properties: { correlationId } }: OutgoingMessage): boolean {
    const id = String(correlationId);
    const times = this.#returned.get(id) ?? 0;
    if (times > 1) this.#returned.set(id, times - 1);
    else this.#returned.delete(id);
    return times > 0;
  }

  #settle(call: Call): void {
    this.#open.delete(call);
    if (this.#open.size === 0) this.#stopWatch();
    const failure = notTakenError(call, call.messages.length, call.messages[0]?.exchange);
    if (failure) call.reject(failure);
    else call.resolve();
  }
}

function awayError(reason: string): ServiceUnavailableError {
  return new ServiceUnavailableError('rabbitmq', `RabbitMQ is away: ${reason}`);
}
