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

/** RabbitMQ takes no messages as long as these: sending them again changes nothing. All others of the call have arrived. */
export class TooLongError extends NotTakenError {
  override readonly name = 'TooLongError';
}

/** Ids of the messages of one call that have not arrived, by why. */
export interface NotTaken {
  /** They are not to be sent any more. */
  heldBack: string[];
  /** No queue took them. */
  returned: string[];
  /** The queue did not take them. */
  refused: string[];
  /** RabbitMQ closed the channel because of them. */
  tooLong: string[];
  /** What it said then. */
  told?: string;
}

/** What a call ends with; undefined: all its messages have arrived. What may be better next time is told first. */
export function notTakenError(
  { heldBack, returned, refused, tooLong, told }: NotTaken,
  count: number,
  exchange: string | undefined,
): NotTakenError | undefined {
  const ids = [...heldBack, ...returned, ...refused, ...tooLong];
  if (heldBack.length > 0)
    return new HeldBackError(
      `RabbitMQ blocked publishers before ${heldBack.length} of ${heldBack.length + count} messages were sent`,
      ids,
    );
  if (returned.length > 0)
    return new NotTakenError(
      `nmap_scan_queue returned ${returned.length} of ${count} messages: no queue is bound to ${exchange} ` +
        'for them. Check that nmap_scan_queue exists and is bound with nmap.scan',
      ids,
    );
  if (refused.length > 0)
    return new NotTakenError(
      `nmap_scan_queue refused ${refused.length} of ${count} messages sent to ${exchange}. ` +
        "Check the queue's policy (max-length, overflow) and RabbitMQ's log",
      ids,
    );
  if (tooLong.length > 0)
    return new TooLongError(
      `RabbitMQ takes no message as long as ${tooLong.length} of ${count}: ${told}`,
      ids,
    );
  return undefined;
}
