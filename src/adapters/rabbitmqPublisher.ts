import type { ConfirmChannel, Message } from 'amqplib';
import { AwayError, messageOf } from '../errors.ts';
import { othersTurn } from '../turns.ts';
import type { OutgoingMessage } from './celery.ts';
import { blockedError } from './rabbitmqAlarm.ts';

/** More than 1,000 unconfirmed messages make RabbitMQ no faster, and a crash more expensive. */
const MAX_UNCONFIRMED = 1_000;
/** Messages encoded without a pause, a millisecond: other work of the process runs in between. */
const SLICE = 40;

/** RabbitMQ answers, and did not take some messages. All others of the call have arrived. */
export class NotTakenError extends Error {
  override readonly name: string = 'NotTakenError';
  readonly ids: readonly string[];

  constructor(message: string, ids: readonly string[]) {
    super(message);
    this.ids = ids;
  }
}

/** RabbitMQ began to block publishers in between: these were not sent. All others of the call have arrived. */
export class HeldBackError extends NotTakenError {
  override readonly name = 'HeldBackError';
}

interface Call {
  messages: readonly OutgoingMessage[];
  sent: number;
  settled: number;
  /** Ids of the messages that are not to be sent any more. */
  heldBack: string[];
  /** Ids of the messages that no queue took. */
  returned: string[];
  /** Ids of the messages that the queue did not take. */
  refused: string[];
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface PublisherOptions {
  /** Without a single confirm for this long, RabbitMQ counts as away. */
  stallMs: number;
  /** Told when nothing was confirmed for `stallMs`. */
  onStall: () => void;
  /**
   * What becomes of calls that are under way when RabbitMQ begins to block publishers. `wait`: what was sent is on its
   * way, and sending it again would send it twice, so the call waits for its confirms. `fail`: nobody minds.
   */
  whenBlocked: 'wait' | 'fail';
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
  /** Why RabbitMQ blocks publishers: what is sent then would only fill the socket. */
  #blocked: string | undefined;
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
   * @throws AwayError when the channel went or nothing was confirmed for too long: any part may have arrived; when
   * publishers are blocked: nothing was sent
   * @throws HeldBackError when publishers were blocked before all were sent: the others have arrived
   * @throws NotTakenError when RabbitMQ returned (no queue) or refused (queue full) some: the others have arrived
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#away) return Promise.reject(this.#away);
    if (this.#blocked !== undefined) return Promise.reject(blockedError(this.#blocked));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const counts = { sent: 0, settled: 0, heldBack: [], returned: [], refused: [] };
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
    this.#away = new AwayError('rabbitmq', `RabbitMQ is away: ${reason}`);
    this.#stopWatch();
    for (const call of this.#open) call.reject(this.#away);
    this.#open.clear();
    this.#waiting.length = 0;
  }

  #watch(): void {
    this.#stall = setTimeout(() => {
      this.fail(`it confirms nothing for ${this.#options.stallMs} ms`);
      this.#options.onStall();
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
      call.sent += 1;
      if (call.sent === call.messages.length) this.#waiting.shift();
      this.#send(call, message);
    }
  }

  #mayPublish(): boolean {
    return (
      !this.#away && this.#writable && this.#blocked === undefined && this.#unconfirmed < MAX_UNCONFIRMED
    );
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
    if (this.#open.size === 0) this.#stopWatch();
    const failure = failureOf(call);
    if (failure) call.reject(failure);
    else call.resolve();
  }
}

function failureOf({ messages, heldBack, returned, refused }: Call): NotTakenError | undefined {
  const exchange = messages[0]?.exchange;
  const ids = [...heldBack, ...returned, ...refused];
  if (heldBack.length > 0)
    return new HeldBackError(
      `RabbitMQ blocked publishers before ${heldBack.length} of ${heldBack.length + messages.length} messages were sent`,
      ids,
    );
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
