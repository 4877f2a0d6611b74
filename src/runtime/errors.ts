/**
 * What an error's class says about trying again:
 *
 * - {@link ServiceUnavailableError}: something outside does not answer. Trying again helps; the API answers 503.
 * - {@link QuotaError}: somebody has as much of something as may be. The message says what to do; the API answers 429.
 * - {@link BusyError}: it is under way already, and goes on by itself. The API answers 503.
 * - {@link PermanentError}: trying again changes nothing until somebody acts. The message says what to do.
 * - {@link ScopeError}: a PermanentError that the caller can mend, or who keeps the scope rules.
 * - anything else is a defect of ours; it is logged with its stack and retried like a ServiceUnavailableError.
 */

/** The outside systems that Tasker depends on. */
export type Service = 'redis' | 'rabbitmq' | 'ledger' | 'auth store' | 'dns' | 'exclusions file';

/** An outside system does not answer. The same call may succeed later. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError';
  readonly service: Service;

  constructor(service: Service, message: string, options?: ErrorOptions) {
    super(message, options);
    this.service = service;
  }
}

/** What is asked for is under way and takes its time. Nothing is away; the same call may succeed later. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** A project or a user has as much of something as may be. */
export class QuotaError extends Error {
  override readonly name = 'QuotaError';
  /** When the same call may succeed by waiting alone; undefined: not soon. */
  readonly retryAfterS: number | undefined;

  constructor(message: string, retryAfterS: number | undefined) {
    super(message);
    this.retryAfterS = retryAfterS;
  }
}

/** The same call will fail again until an operator changes something. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** The scope rules do not allow the submission as it is, or cannot be applied: the message names the rule. */
export class ScopeError extends PermanentError {
  override readonly name: string = 'ScopeError';
}

/** The scope rules are others by now than those that a plan was made under. */
export class ScopeChangedError extends ScopeError {
  override readonly name = 'ScopeChangedError';
}

/** The message of whatever was thrown, for logs and wrapped errors. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '')
    return thrown.errors.map(messageOf).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
