/**
 * What an error's class says about trying again:
 *
 * - {@link AwayError}: something outside does not answer. Trying again helps; the API answers 503.
 * - {@link GiveUpError}: trying again changes nothing until somebody acts. The message says what to do.
 * - anything else is a defect of ours; it is logged with its stack and retried like an AwayError.
 */

/** The outside systems that Tasker depends on. */
export type Service = 'redis' | 'rabbitmq' | 'ledger' | 'auth store' | 'dns' | 'exclusions file';

/** An outside system does not answer. The same call may succeed later. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
  readonly service: Service;

  constructor(service: Service, message: string, options?: ErrorOptions) {
    super(message, options);
    this.service = service;
  }
}

/** The same call will fail again until an operator changes something. */
export class GiveUpError extends Error {
  override readonly name = 'GiveUpError';
}

/** The message of whatever was thrown, for logs and wrapped errors. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '')
    return thrown.errors.map(messageOf).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
