import type { Redis } from 'ioredis';
import { SUBMISSION_CHANNEL } from '../adapters/redis/keys.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/log.ts';

/** What may happen to a submission that others wait for. */
type Event = 'planned' | 'failed' | 'stopped';
type Listener = (event: Event) => void;

/** Tells listeners in this process what any process announced. A lost message is possible: waiters also poll. */
export class SubmissionEvents {
  readonly #subscriber: Redis;
  readonly #byId = new Map<string, Set<Listener>>();
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
      const listeners = this.#byId.get(id) ?? new Set();
      const done = () => {
        clearTimeout(timer);
        listeners.delete(done);
        if (listeners.size === 0) this.#byId.delete(id);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      listeners.add(done);
      this.#byId.set(id, listeners);
    });
  }

  close(): void {
    this.#subscriber.disconnect();
    for (const listeners of this.#byId.values()) for (const listener of [...listeners]) listener('stopped');
  }

  #deliver(message: string): void {
    const [event, id] = message.split(' ');
    if (id === undefined || (event !== 'planned' && event !== 'failed' && event !== 'stopped')) return;
    for (const listener of [...(this.#byId.get(id) ?? [])]) listener(event);
    if (event === 'stopped') for (const listener of this.#onStopped) listener(id);
  }
}
