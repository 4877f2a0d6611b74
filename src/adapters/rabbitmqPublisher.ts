import type { ConfirmChannel, Message } from 'amqplib';
import { AwayError, messageOf } from '../errors.ts';
import { othersTurn } from '../turns.ts';
import type { OutgoingMessage } from './celery.ts';

/** More than 1,000 unconfirmed messages make RabbitMQ no faster, and a crash more expensive. */
const MAX_UNCONFIRMED = 1_000;
/** Messages encoded without a pause, a millisecond: other work of the process runs in between. */
const SLICE = 40;

/** RabbitMQ answers, and did not take some messages. All others of the call have arrived. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
  readonly ids: readonly string[];

  constructor(message: string, ids: readonly string[]) {
    super(message);
    this.ids = ids;
  }
}

interface Call {
  messages: readonly OutgoingMessage[];
  sent: number;
  settled: number;
  /** Ids of the messages that no queue took. */
  returned: string[];
  /** Ids of the messages that the queue did not take. */
  refused: string[];
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface PublisherOptions {
  /** Without a single confirm for this long, RabbitMQ counts as away (it may block publishers for want of memory or disk). */
  stallMs: number;
  /** Told when nothing was confirmed for `stallMs`. */
  onStall: () => void;
}

/** Publishes on one confirm channel, many calls at once, in the order of the calls. */
export class Publisher {
  readonly #channel: ConfirmChannel;
  readonly #options: PublisherOptions;
  /** Calls with messages that are not sent yet; the first one is being sent. */
  readonly #waiting: Call[] = [];
  readonly #open = new Set<Call>();
  /** How often each id was returned; RabbitMQ returns a message before it confirms it. */
  readonly #returned = new Map<string, number>();
  #unconfirmed = 0;
  #writable = true;
  #blocked = false;
  /** A slice was sent; the next one follows after a turn of the event loop. */
  #pumping = false;
  #away: AwayError | undefined;
  #stall: NodeJS.Timeout | undefined;

  constructor(channel: ConfirmChannel, options: PublisherOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on('drain', () => {
      this.#writable = true;
      this.#pump();
    });
    channel.on('return', (message: Message) => {
      const id = String(message.properties.correlationId);
      this.#returned.set(id, (this.#returned.get(id) ?? 0) + 1);
    });
    channel.on('close', () => this.fail('the channel was closed before every message was confirmed'));
  }

  /** RabbitMQ's `blocked` and `unblocked`: what is sent while blocked would only fill the socket. */
  setBlocked(blocked: boolean): void {
    this.#blocked = blocked;
    this.#pump();
  }

  /**
   * Resolves when RabbitMQ has confirmed every message and returned none.
   * @throws AwayError when the channel went or nothing was confirmed for too long: any part may have arrived
   * @throws NotTakenError when RabbitMQ returned (no queue) or refused (queue full) some: the others have arrived
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#away) return Promise.reject(this.#away);
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const call: Call = { messages, sent: 0, settled: 0, returned: [], refused: [], resolve, reject };
      this.#open.add(call);
      this.#waiting.push(call);
      this.#stall ??= setTimeout(() => this.#stalled(), this.#options.stallMs);
      this.#pump();
    });
  }

  /** Rejects everything that is under way, and whatever comes later. */
  fail(reason: string): void {
    if (this.#away) return;
    this.#away = new AwayError('rabbitmq', `RabbitMQ is away: ${reason}`);
    clearTimeout(this.#stall);
    for (const call of this.#open) call.reject(this.#away);
    this.#open.clear();
    this.#waiting.length = 0;
  }

  #stalled(): void {
    const why = this.#blocked ? 'it blocks publishers (memory or disk alarm)' : 'it confirms nothing';
    this.fail(`${why} for ${this.#options.stallMs} ms`);
    this.#options.onStall();
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
      call.sent += 1;
      if (call.sent === call.messages.length) this.#waiting.shift();
      this.#send(call, message);
    }
  }

  #mayPublish(): boolean {
    return !this.#away && this.#writable && !this.#blocked && this.#unconfirmed < MAX_UNCONFIRMED;
  }

  #pumpLater(): void {
    this.#pumping = true;
    void othersTurn().then(() => {
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
    this.#stall?.refresh();
    if (error) call.refused.push(message.id ?? '');
    else if (this.#returned.size > 0 && this.#wasReturned(message)) call.returned.push(message.id ?? '');
    call.settled += 1;
    if (call.settled === call.messages.length) this.#settle(call);
    this.#pump();
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
    if (this.#open.size === 0) {
      clearTimeout(this.#stall);
      this.#stall = undefined;
    }
    const failure = failureOf(call);
    if (failure) call.reject(failure);
    else call.resolve();
  }
}

function failureOf({ messages, returned, refused }: Call): NotTakenError | undefined {
  const exchange = messages[0]?.exchange;
  const ids = [...returned, ...refused];
  if (returned.length > 0)
    return new NotTakenError(
      `nmap_scan_queue returned ${returned.length} of ${messages.length} messages: no queue is bound to ${exchange} ` +
        'for them. Check that nmap_scan_queue exists and is bound with nmap.scan',
      ids,
    );
  if (refused.length > 0)
    return new NotTakenError(
      `nmap_scan_queue refused ${refused.length} of ${messages.length} messages sent to ${exchange}. ` +
        "Check the queue's policy (max-length, overflow) and RabbitMQ's log",
      ids,
    );
  return undefined;
}
