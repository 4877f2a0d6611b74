/** Publishing a batch and marking it sent: what is between the two goes out again after a crash. */
import { setTimeout as sleep } from 'node:timers/promises';
import pTimeout from 'p-timeout';
import type { OutgoingMessage } from '../../adapters/celery/messages.ts';
import type { DroppedTargets, SentBatch } from '../../adapters/dispatch/batchStore.ts';
import { HeldBackError, NotTakenError, TooLongError } from '../../adapters/rabbitmq/notTaken.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import { BATCH_SIZE } from '../../targets/order/batches.ts';
import { RetryLaterError, type StageContext } from '../runner/stage.ts';
import { leaveOut, type SendableTask } from './tooLong.ts';

/** Tasks of one process that may be published and not noted: what a kill sends twice. */
export const UNMARKED = BATCH_SIZE;
/** Tasks that are published and noted together. Two fit into {@link UNMARKED}. */
const PART = UNMARKED / 2;
/** Until the next look whether RabbitMQ is back. */
export const AWAY_REST_MS = 1_000;
/** What was looked at longer ago than this, because the batch before took so long, is looked at again. */
const LOOK_LASTS_MS = 10_000;
const LOOK_AGAIN_MS = 100;
/** How long a stop waits for the confirms of what is on its way. */
const STOP_WAITS_MS = 2_000;
/** Between two tries to note something in Redis, and for how long. */
const NOTE_AGAIN_MS = 500;
const NOTE_DEADLINE_MS = 60_000;

/** What was made ready. */
interface ReadyBatch {
  tasks: readonly SendableTask[];
  /** Of those tasks that are to be sent. */
  messages: readonly OutgoingMessage[];
  /** What is to be noted then. */
  sent: SentBatch;
  /** When the rules were looked at, by `performance.now()`. */
  lookedAtMs: number;
}

/**
 * Sends what was made ready, and marks the batch. It goes out in parts, each of which is noted once it has arrived: so
 * the next part is on its way while one is being confirmed, and no more than {@link UNMARKED} tasks of the process are
 * published and not noted. That many go out again after a kill.
 *
 * A task that is longer than RabbitMQ takes is left out: sending it again would change nothing. Gives how many.
 *
 * @throws RetryLaterError when nothing was sent, or when RabbitMQ did not get to all of it
 */
export async function sendBatch(
  facts: SubmissionFacts,
  { messages, tasks, sent, lookedAtMs }: ReadyBatch,
  context: StageContext,
): Promise<number> {
  const { id } = facts;
  const { batches, sending, signal } = context;
  const done: Promise<void>[] = [];
  const dropped: DroppedTargets[] = [];
  let tooLong = 0;
  for (let from = 0; from === 0 || from < messages.length; from += PART) {
    const part = messages.slice(from, from + PART);
    const before = [...done];
    const isLast = from + PART >= messages.length;
    const send = async () => {
      if (performance.now() - lookedAtMs > LOOK_LASTS_MS)
        throw new RetryLaterError('what stood before it in line took too long', LOOK_AGAIN_MS, 'job');
      const notTaken = await publishPart(id, sent.batch, part, context);
      if (notTaken) dropped.push(...(await leaveOut(facts, tasks, notTaken, context)));
      tooLong += notTaken?.ids.length ?? 0;
      const allSent =
        isLast && (await Promise.allSettled(before)).every(({ status }) => status === 'fulfilled');
      if (allSent) await noted(() => batches.sent(id, withDropped(sent, dropped)), signal);
      else await noted(() => batches.saveTaken(id, sent.batch, takenOf(part, notTaken)), signal);
    };
    done.push(sending.hold(part.length, send, signal));
  }
  const failed = (await Promise.allSettled(done)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return tooLong;
}

function withDropped(sent: SentBatch, more: readonly DroppedTargets[]): SentBatch {
  const refused = more.reduce((sum, { count }) => sum + count, sent.refused);
  return { ...sent, dropped: [...sent.dropped, ...more], refused };
}

/** Gives which messages were too long, if some were. */
async function publishPart(
  id: string,
  batch: number,
  messages: readonly OutgoingMessage[],
  { broker, batches, signal }: StageContext,
): Promise<TooLongError | undefined> {
  try {
    await unlessStopped(broker.publishTasks(messages), signal);
  } catch (error) {
    if (error instanceof TooLongError) return error;
    if (error instanceof NotTakenError)
      await noted(() => batches.saveTaken(id, batch, takenOf(messages, error)), signal);
    whenAway(error);
  }
}

function takenOf(messages: readonly OutgoingMessage[], notTaken: NotTakenError | undefined): string[] {
  const left = new Set(notTaken?.ids);
  return messages.flatMap(({ id }) => (id === undefined || left.has(id) ? [] : [id]));
}

/** A stop waits for what is on its way to RabbitMQ, but not for a RabbitMQ that confirms nothing. */
async function unlessStopped(publishing: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return publishing;
  try {
    await pTimeout(publishing, { milliseconds: Infinity, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    await pTimeout(publishing, { milliseconds: STOP_WAITS_MS });
  }
}

/** While Redis is full or away nobody else may publish: of two batches without a mark both would go out again. */
async function noted(note: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + NOTE_DEADLINE_MS;
  for (;;) {
    try {
      return await note();
    } catch (error) {
      if (signal?.aborted || performance.now() > deadline) throw error;
      await sleep(NOTE_AGAIN_MS);
    }
  }
}

/** RabbitMQ, DNS or the exclusions file being away is no fault of the batch: it waits as long as it takes. */
export function whenAway(error: unknown): never {
  if (error instanceof ServiceUnavailableError || error instanceof HeldBackError)
    throw new RetryLaterError(error.message, AWAY_REST_MS);
  throw error;
}
