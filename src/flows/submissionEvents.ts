import type { Redis } from 'ioredis';
import { SUBMISSION_CHANNEL } from '../adapters/redis/keys.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/log.ts';

/** Tells listeners in this process what any process announced. A lost message is possible: waiters also poll. */
export class SubmissionEvents {
  readonly #subscriber: Redis;
  /** Ends of waits, each with the id that it waits for; a process has few. */
  readonly #waits = new Map<() => void, string>();
  readonly #onStopped: ((id: string) => void)[] = [];

  /** `subscriber` serves nothing else: a connection that is subscribed cannot send commands. */
  constructor(subscriber: Redis, log: Logger) {
    this.#subscriber = subscriber;
    subscriber.on('message', (_channel: string, message: string) => this.#deliver(message));
    // ioredis subscribes again by itself after every reconnect.
    subscriber.subscribe(SUBMISSION_CHANNEL).catch((error: unknown) => {
      log.debug({ err: messageOf(error) }, 'subscription ended');
    });
  }

  onStopped(listener: (id: string) => void): void {
    this.#onStopped.push(listener);
  }

  /** Resolves at the next event of the submission, or after `timeoutMs`. */
  next(id: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waits.delete(end);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waits.set(end, id);
    });
  }

  close(): void {
    this.#subscriber.disconnect();
    for (const end of this.#waits.keys()) end();
  }

  /** The event is `planned`, `failed` or `stopped`. */
  #deliver(message: string): void {
    const [event, id = ''] = message.split(' ');
    for (const [end, waitsFor] of this.#waits) if (waitsFor === id) end();
    if (event === 'stopped') for (const listener of this.#onStopped) listener(id);
  }
}
