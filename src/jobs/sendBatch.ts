/** Publishing a batch and marking it sent: what is between the two goes out again after a crash. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SentBatch } from '../adapters/batchStore.ts';
import type { OutgoingMessage } from '../adapters/celery.ts';
import { HeldBackError, NotTakenError } from '../adapters/rabbitmq.ts';
import type { SubmissionFacts } from '../adapters/submissionFacts.ts';
import { AwayError } from '../errors.ts';
import { unlessAborted } from '../unlessAborted.ts';
import { NotNow, type StageContext } from './stage.ts';

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

/**
 * Sends what was made ready, and marks the batch. Only one batch of the process at a time is between the two, so that
 * a kill sends one batch twice at worst.
 *
 * @param lookedAtMs when the rules were looked at, by `performance.now()`
 * @throws NotNow when nothing was sent, or when RabbitMQ did not get to all of it
 */
export function sendBatch(
  { id }: SubmissionFacts,
  messages: readonly OutgoingMessage[],
  sent: SentBatch,
  lookedAtMs: number,
  context: StageContext,
): Promise<void> {
  const { batches, sending, signal } = context;
  return sending.run(async () => {
    if (performance.now() - lookedAtMs > LOOK_LASTS_MS)
      throw new NotNow('the batch before took too long', LOOK_AGAIN_MS, 'job');
    await publishAll(id, sent.batch, messages, context);
    await noted(() => batches.sent(id, sent), signal);
  }, signal);
}

async function publishAll(
  id: string,
  batch: number,
  messages: readonly OutgoingMessage[],
  { broker, batches, signal }: StageContext,
): Promise<void> {
  try {
    await unlessStopped(broker.publishTasks(messages), signal);
  } catch (error) {
    if (error instanceof NotTakenError) {
      const refused = new Set(error.ids);
      const taken = messages.flatMap((message) => message.id ?? []).filter((task) => !refused.has(task));
      await noted(() => batches.saveTaken(id, batch, taken), signal);
    }
    whenAway(error);
  }
}

/** A stop waits for what is on its way to RabbitMQ, but not for a RabbitMQ that confirms nothing. */
async function unlessStopped(publishing: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return publishing;
  try {
    await unlessAborted(publishing, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    await unlessAborted(publishing, AbortSignal.timeout(STOP_WAITS_MS));
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
  if (error instanceof AwayError || error instanceof HeldBackError)
    throw new NotNow(error.message, AWAY_REST_MS);
  throw error;
}
