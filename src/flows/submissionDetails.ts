import type { Queue } from 'bullmq';
import type { Progress, StageName, SubmissionOptions } from '../adapters/submission.ts';
import type { SubmissionRecord, SubmissionView } from '../adapters/submissionView.ts';
import type { Sending, TargetStore } from '../adapters/targetStore.ts';
import type { TaskOut, TaskStore } from '../adapters/taskStore.ts';
import type { SendingOrder } from '../jobs/batches.ts';
import { parseAddress } from '../targets/address.ts';
import { type AddressSet, addressesOf } from '../targets/addressSet.ts';
import { inTurns } from '../turns.ts';
import { jobStates, type StageProgress, stageStates } from './stageStates.ts';
import { sentParts, type TargetStates, tasksOf } from './targetStates.ts';

/** Tasks by what became of them. total = done + dropped + stopped + remaining. */
export interface TargetCounts {
  total: number;
  /** Handed over, dropped ones included. */
  sent: number;
  /** Their workers have ended. */
  done: number;
  /** Left out when it was their turn. */
  dropped: number;
  /** Taken back by a stop. */
  stopped: number;
  /** Waiting, queued or running. */
  remaining: number;
}

export interface Estimate {
  /** ISO 8601. */
  ends_at: string;
  /** Tasks that end per second, from the first batch until now. */
  rate_per_s: number;
}

export interface SubmissionDetails extends Progress {
  /** The plan that it runs; null: none. */
  plan: string | null;
  options: SubmissionOptions & { exclude: string[] };
  /** ISO 8601; null: not yet. */
  times: {
    created_at: string;
    planned_at: string | null;
    first_sent_at: string | null;
    ended_at: string | null;
  };
  stages: StageProgress[];
  progress: TargetCounts;
  /** null until there is a measured rate, and when nothing remains. */
  estimate: Estimate | null;
}

export interface DetailServices {
  view: SubmissionView;
  states: TargetStates;
  targetStore: TargetStore;
  tasks: TaskStore;
  queues: Readonly<Record<StageName, Queue>>;
}

/** Addresses counted between two places where others may have their turn. */
const STEP = 500;
/** So much must have been seen before anybody is told when it will end. */
const LEAST_DONE = 5;
const LEAST_MS = 10_000;
/** The last date there is. */
const LAST_DATE_MS = 8.64e15;

/** All that is known of a scan; undefined: nothing is kept of it (any more), or the project has no such scan. */
export async function submissionDetails(
  project: string,
  id: string,
  services: DetailServices,
): Promise<SubmissionDetails | undefined> {
  const record = await services.view.record(id);
  const sending = await services.states.sending(id);
  if (record === undefined || sending?.project !== project) return undefined;
  const counts = await targetCounts(sending, services);
  const jobs = await jobStates(services.queues, id, sending.sentUpTo);
  return {
    ...record.progress,
    plan: record.plan ?? null,
    options: { ...record.options, exclude: record.exclude },
    times: {
      created_at: record.progress.createdAt,
      planned_at: record.plannedAt ?? null,
      first_sent_at: record.firstSentAt ?? null,
      ended_at: record.endedAt ?? null,
    },
    stages: stageStates(record, jobs),
    progress: counts,
    estimate: estimateOf(counts, record, Date.now()),
  };
}

/**
 * Counted as of `sending`: tasks of batches that were sent since then are left out, and one that ends while they are
 * read counts as done. A stop notes what it takes back before it forgets the tasks, so that is read last.
 */
async function targetCounts(sending: Sending, services: DetailServices): Promise<TargetCounts> {
  const { total, sent, dropped, state } = sending;
  const order = sent === 0 ? undefined : await services.states.order(sending);
  let out = 0;
  let takenBack = 0;
  if (order !== undefined) {
    const stillOut = await sentAndOut(sending, order, services.tasks);
    const taken = await services.targetStore.takenBack(sending.id);
    if (taken) takenBack = await inTurns(countTakenBack(sending, order, taken, stillOut));
    out = stillOut.size;
  }
  const done = Math.max(0, sent - dropped - out - takenBack);
  const stopped = takenBack + (state === 'stopped' ? total - sent : 0);
  return { total, sent, done, dropped, stopped, remaining: total - done - dropped - stopped };
}

/** The sent tasks that are out, as `index/part`. */
async function sentAndOut(sending: Sending, order: SendingOrder, tasks: TaskStore): Promise<Set<string>> {
  const out = new Set<string>();
  for await (const page of tasks.tasksOut(sending.project)) {
    const ours = page.flatMap((task) => indexedTask(task, order));
    const ids = tasksOf(
      sending,
      ours.map(({ ip }) => ip),
    );
    for (const [at, { id, index }] of ours.entries()) {
      const part = ids[at]?.indexOf(id) ?? -1;
      if (sentParts(sending, order, index).includes(part)) out.add(`${index}/${part}`);
    }
  }
  return out;
}

function indexedTask({ id, ip }: TaskOut, order: SendingOrder): { id: string; ip: string; index: number }[] {
  const address = ip === undefined ? undefined : parseAddress(ip);
  const index = address === undefined ? undefined : order.indexOf(address);
  return ip === undefined || index === undefined ? [] : [{ id, ip, index }];
}

function* countTakenBack(
  sending: Sending,
  order: SendingOrder,
  taken: AddressSet,
  stillOut: ReadonlySet<string>,
): Generator<undefined, number> {
  let count = 0;
  let looked = 0;
  for (const address of addressesOf(taken)) {
    const index = order.indexOf(address);
    if (index !== undefined)
      count += sentParts(sending, order, index).filter((part) => !stillOut.has(`${index}/${part}`)).length;
    looked += 1;
    if (looked % STEP === 0) yield;
  }
  return count;
}

/** From the rate since the first batch was sent. */
export function estimateOf(
  { done, remaining }: TargetCounts,
  { firstSentAt }: Pick<SubmissionRecord, 'firstSentAt'>,
  nowMs: number,
): Estimate | null {
  if (firstSentAt === undefined || remaining === 0 || done < LEAST_DONE) return null;
  const elapsedMs = nowMs - Date.parse(firstSentAt);
  if (elapsedMs < LEAST_MS) return null;
  const perMs = done / elapsedMs;
  const endsMs = Math.min(LAST_DATE_MS, nowMs + remaining / perMs);
  return { ends_at: new Date(endsMs).toISOString(), rate_per_s: Number((perMs * 1_000).toPrecision(4)) };
}
