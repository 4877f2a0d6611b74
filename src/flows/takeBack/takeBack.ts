import { setTimeout as delay } from 'node:timers/promises';
import { cancelTasks, IDS_PER_MESSAGE } from '../../adapters/celery/messages.ts';
import { isAmong } from '../../adapters/celery/parse.ts';
import type { AgainTask } from '../../adapters/dispatch/againStore.ts';
import type { PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import { BusyError, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';

/** What is on its way to RabbitMQ arrives within this, or RabbitMQ has trouble: then a later look finds it. */
const ON_THE_WAY_MS = 2_000;
const LOOK_AGAIN_MS = 20;

export interface TakenBack {
  /** Tasks that were ready in RabbitMQ, and wait in Tasker again. */
  ready: number;
  /** All that was on its way has arrived before: none of those can be in RabbitMQ any more. */
  complete: boolean;
  /** The submissions that they belong to. */
  submissions: ReadonlySet<string>;
}

/**
 * Takes the ready tasks of a submission, of a project or of everything out of RabbitMQ, and notes that they are to be sent
 * again. `seen` is told of them before.
 * @throws ServiceUnavailableError when RabbitMQ does not take part
 */
export async function takeBack(
  scope: PauseScope,
  services: FlowServices,
  seen: (tasks: readonly TaskOut[]) => Promise<void> = async () => {},
): Promise<TakenBack> {
  const { broker, windowStore, tasks } = services;
  const complete = await untilArrived(scope, services);
  const wanted = await idsIn(scope, services);
  const submissions = new Set<string>();
  const before = async (ids: readonly string[]) => {
    const ready = await tasks.describe(ids);
    for (const { submission } of ready) if (submission !== undefined) submissions.add(submission);
    await seen(ready);
    return putBack(ready, services);
  };
  const ready = await broker.drainMatching(isAmong(wanted), { before });
  await windowStore.takenOut(ready);
  return { ready, complete, submissions };
}

/**
 * RabbitMQ is away, or a job waits for what RabbitMQ does not confirm during an alarm: what is in its queue follows later.
 */
export function notYet(error: unknown): { ready: number; running: number; complete: boolean } {
  const isAway = error instanceof ServiceUnavailableError && error.service === 'rabbitmq';
  if (isAway || error instanceof BusyError) return { ready: 0, running: 0, complete: false };
  throw error;
}

/** The tasks of the scope that workers say they have in hand. */
export async function tasksInHand(scope: PauseScope, services: FlowServices): Promise<TaskOut[]> {
  const { presence, tasks } = services;
  const wanted = await idsIn(scope, services);
  const listed = new Set((await presence.workers()).flatMap((worker) => [...worker.tasks]));
  return (await tasks.describe([...listed])).filter(
    ({ id, submission }) => submission !== undefined && (wanted === undefined || wanted.has(id)),
  );
}

/** Has workers end these tasks, which are to be sent again. Without a revoke: workers would remember that. */
export async function endInHand(tasks: readonly TaskOut[], services: FlowServices): Promise<void> {
  if (tasks.length === 0) return;
  const waiting = await putBack(tasks, services);
  for (const some of pages([...waiting], IDS_PER_MESSAGE)) await services.broker.broadcast(cancelTasks(some));
}

/** The submissions of the scope that have not ended. */
export async function openIn(
  { project, submission }: PauseScope,
  { submissions }: Pick<FlowServices, 'submissions'>,
): Promise<string[]> {
  return Object.entries(await submissions.open())
    .filter(([id, of]) => (project ?? of) === of && (submission ?? id) === id)
    .map(([id]) => id);
}

/** Waits until what is tracked by now was sent. false: something is on its way all the same. */
async function untilArrived(scope: PauseScope, services: FlowServices): Promise<boolean> {
  const ids = await openIn(scope, services);
  const { tracked } = await services.view.underWay(ids);
  for (const deadline = Date.now() + ON_THE_WAY_MS; ; await delay(LOOK_AGAIN_MS)) {
    const { sent } = await services.view.underWay(ids);
    if (tracked.every((count, index) => (sent[index] ?? 0) >= count)) return true;
    if (Date.now() > deadline) return false;
  }
}

/** The tasks of a submission or project that are out; undefined: all are meant. */
async function idsIn(
  { project, submission }: PauseScope,
  { tasks }: FlowServices,
): Promise<Set<string> | undefined> {
  if (project === undefined) return undefined;
  const ids = new Set<string>();
  for await (const page of tasks.tasksOut(project))
    for (const task of page) if ((submission ?? task.submission) === task.submission) ids.add(task.id);
  return ids;
}

/** What is noted of tasks of a scan that come back, as far as they are tasks of it. */
export function againTasks({ options }: SubmissionFacts, tasks: readonly TaskOut[]): AgainTask[] {
  const parts = portShardsOf(options).map(({ key }) => key);
  return tasks.flatMap(({ id, ip, ports }) => {
    const part = parts.indexOf(ports);
    return ip === undefined || part < 0 ? [] : [{ id, ip, part, ports }];
  });
}

/** Gives the ids of those that wait again. One that nothing tells whose it is stays where it is. */
export async function putBack(
  tasks: readonly TaskOut[],
  { again, submissions }: Pick<FlowServices, 'again' | 'submissions'>,
  how?: 'lost',
): Promise<Set<string>> {
  const bySubmission = new Map<string, TaskOut[]>();
  for (const task of tasks) {
    if (task.submission !== undefined)
      bySubmission.set(task.submission, [...(bySubmission.get(task.submission) ?? []), task]);
  }
  const waiting = new Set<string>();
  for (const [id, own] of bySubmission) {
    const facts = await submissions.find(id);
    if (facts === undefined) continue;
    const back = againTasks(facts, own);
    if ((await again.putBack(facts, back, how)) !== undefined) for (const task of back) waiting.add(task.id);
  }
  return waiting;
}
