import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { OutgoingMessage } from '../celery/messages.ts';

/** RabbitMQ answers, and did not take some messages. All others of the call have arrived. */
export class NotTakenError extends Error {
  override readonly name: string = 'NotTakenError';
  readonly ids: readonly string[];

  constructor(message: string, ids: readonly string[]) {
    super(message);
    this.ids = ids;
  }
}

/** RabbitMQ began to block publishers in between: some were not sent. All others of the call have arrived. */
export class HeldBackError extends NotTakenError {
  override readonly name = 'HeldBackError';
}

/** RabbitMQ takes no messages as long as these: sending them again changes nothing. All others of the call have arrived. */
export class TooLongError extends NotTakenError {
  override readonly name = 'TooLongError';
}

/**
 * What became of a message. `heldBack`: it was not sent, and will not be. `returned`: no queue took it. `refused`: the
 * queue did not take it. `tooLong`: RabbitMQ closed the channel because of it.
 */
export interface Outcome {
  what: 'arrived' | 'heldBack' | 'returned' | 'refused' | 'tooLong';
  /** What RabbitMQ said. */
  told?: string;
}

/** Throws unless all have arrived. What may be better next time is told first. */
export function throwUnlessTaken(messages: readonly OutgoingMessage[], outcomes: readonly Outcome[]): void {
  const ids = messages.flatMap(({ id = '' }, i) => (outcomes[i]?.what === 'arrived' ? [] : [id]));
  if (ids.length === 0) return;
  const [all, exchange] = [messages.length, messages[0]?.exchange];
  const count = (wanted: Outcome['what']) => outcomes.filter(({ what }) => what === wanted).length;
  const told = (wanted: Outcome['what']) => outcomes.find(({ what }) => what === wanted)?.told ?? '';

  const heldBack = count('heldBack');
  if (heldBack === all) throw blockedError(told('heldBack'));
  if (heldBack > 0)
    throw new HeldBackError(
      `RabbitMQ blocked publishers before ${heldBack} of ${all} messages were sent`,
      ids,
    );
  if (count('returned') > 0)
    throw new NotTakenError(
      `nmap_scan_queue returned ${count('returned')} of ${all} messages: no queue is bound to ${exchange} ` +
        'for them. Check that nmap_scan_queue exists and is bound with nmap.scan',
      ids,
    );
  if (count('refused') > 0)
    throw new NotTakenError(
      `nmap_scan_queue refused ${count('refused')} of ${all} messages sent to ${exchange}. ` +
        "Check the queue's policy (max-length, overflow) and RabbitMQ's log",
      ids,
    );
  throw new TooLongError(
    `RabbitMQ takes no message as long as ${count('tooLong')} of ${all}: ${told('tooLong')}`,
    ids,
  );
}

export function blockedError(reason: string): ServiceUnavailableError {
  const message = `RabbitMQ blocks publishers (memory or disk alarm): ${reason}`;
  return new ServiceUnavailableError('rabbitmq', message);
}
