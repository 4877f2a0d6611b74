import { setTimeout as delay } from 'node:timers/promises';
import {
  DelayedError,
  type Job,
  type Queue,
  RateLimitError,
  UnrecoverableError,
  WaitingError,
  Worker,
} from 'bullmq';
import type { JobOutcome } from '../../adapters/metrics/table.ts';
import { saysRedisIsAway } from '../../adapters/redis/redis.ts';
import { messageOf, PermanentError, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { RetryLaterError, type Stage } from './stage.ts';

/** Until a job is tried again that Redis was in the way of, and between two attempts to tell Redis so. */
const REFUSED_REST_MS = 1_000;
/** A job that waits for so long says why. */
const LONG_REST_MS = 10_000;
/** For so long a job is held that Redis does not take back; then its lock has ended. */
const HELD_MS = 10_000;
/** For another process to take what is handed on, before this one asks for a job again. */
const HAND_ON_MS = 100;
const POSTPONED = [DelayedError, WaitingError, RateLimitError];

interface Failing {
  job: Job;
  token: string | undefined;
  stage: Stage;
  queue: Queue;
  log: Logger;
}

/** What BullMQ is to be told: whether the try counts, and whether another one follows. */
export async function failureOf(error: unknown, failing: Failing): Promise<unknown> {
  const { job, stage, log } = failing;
  const reason = messageOf(error);
  if (isRedisTrouble(error)) {
    log.warn({ err: reason }, 'redis refuses: the job is set aside');
    return setAside(failing, REFUSED_REST_MS);
  }
  if (error instanceof RetryLaterError) {
    const { restMs, rests } = error;
    log.debug({ reason, restMs, rests }, 'not now');
    if (rests === 'queue') return restQueue(failing, restMs);
    if (rests === 'process') return handOn(failing, restMs);
    // On the board it would look like any other job otherwise.
    if (restMs >= LONG_REST_MS) await job.updateProgress({ waits: reason }).catch(() => {});
    return setAside(failing, restMs);
  }
  const final = error instanceof PermanentError || isLastTry(job, stage);
  log[final ? 'error' : 'warn'](
    { err: reason, attempt: job.attemptsMade + 1, of: stage.attempts },
    final ? 'stage gave up' : 'stage failed, will be tried again',
  );
  return error instanceof PermanentError ? unrecoverable(error) : error;
}

/** What BullMQ makes of what {@link failureOf} gave. */
export function outcomeOf(failure: unknown, job: Job, stage: Stage): JobOutcome {
  if (POSTPONED.some((one) => failure instanceof one)) return 'postponed';
  return failure instanceof UnrecoverableError || isLastTry(job, stage) ? 'failed' : 'retried';
}

function isLastTry(job: Job, stage: Stage): boolean {
  return job.attemptsMade + 1 >= stage.attempts;
}

/** Redis is full or away: no fault of the job, however often it happens. Others may be away too, and say so. */
function isRedisTrouble(error: unknown): boolean {
  if (error instanceof ServiceUnavailableError) return error.service === 'redis';
  return !(error instanceof PermanentError) && !(error instanceof RetryLaterError) && saysRedisIsAway(error);
}

/** BullMQ keeps the stack, and nothing else of an error but its message: obstacles.ts reads the class there. */
function unrecoverable(error: PermanentError): Error {
  const told = new UnrecoverableError(error.message);
  told.stack = `${error.name}: ${error.message}`;
  return told;
}

/** Nothing of the queue is taken for a while. What is thrown puts the job back without counting the try. */
async function restQueue(failing: Failing, restMs: number): Promise<Error> {
  try {
    await failing.queue.rateLimit(restMs);
    return Worker.RateLimitError();
  } catch {
    return setAside(failing, restMs);
  }
}

/** Of those that are idle, the process that has waited for the longest gets the job. */
async function handOn(failing: Failing, restMs: number): Promise<Error> {
  try {
    await failing.job.moveToWait(failing.token);
    await delay(HAND_ON_MS);
    return new WaitingError();
  } catch {
    return setAside(failing, restMs);
  }
}

/**
 * The job alone waits, and the try does not count either. As long as Redis refuses that too, the job is held here; when
 * it has lost its lock meanwhile, it is back in the queue or comes back there like the job of a process that died.
 */
async function setAside({ job, token, log }: Failing, restMs: number): Promise<Error> {
  for (const heldUntil = Date.now() + HELD_MS; ; await delay(REFUSED_REST_MS)) {
    try {
      await job.moveToDelayed(Date.now() + restMs, token);
      break;
    } catch (error) {
      if (saysRedisIsAway(error) && Date.now() < heldUntil) continue;
      log.debug(
        { err: messageOf(error) },
        'the job could not be set aside: it comes back when its lock ends',
      );
      break;
    }
  }
  return new DelayedError();
}
