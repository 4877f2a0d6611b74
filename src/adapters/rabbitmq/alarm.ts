import { ServiceUnavailableError } from '../../runtime/errors.ts';

/**
 * While RabbitMQ is short of memory or disk it no longer reads from connections that publish. What they have sent
 * lies in between: it arrives when the alarm ends, so it must not be sent again.
 */
export class Alarm {
  #reason: string | undefined;
  #begun = new AbortController();

  /** What RabbitMQ says; undefined: there is none. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Aborted when an alarm begins, with a ServiceUnavailableError. Another signal after each alarm. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  begin(reason: string): void {
    this.#reason = reason;
    this.#begun.abort(blockedError(reason));
  }

  end(): void {
    this.#reason = undefined;
    this.#begun = new AbortController();
  }
}

export function blockedError(reason: string): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'rabbitmq',
    `RabbitMQ blocks publishers (memory or disk alarm): ${reason}`,
  );
}
