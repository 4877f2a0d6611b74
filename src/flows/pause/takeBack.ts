import { setTimeout as delay } from 'node:timers/promises';
import { cancelTasks, IDS_PER_MESSAGE } from '../../adapters/celery/messages.ts';
import { taskOf } from '../../adapters/celery/parse.ts';
import type { AgainTask } from '../../adapters/dispatch/againStore.ts';
import type { PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import type { FlowServices } from '../flowServices.ts';

/** What is on its way to RabbitMQ arrives within this, or RabbitMQ has trouble: then a later look finds it. */
const ON_THE_WAY_MS = 2_000;
const LOOK_AGAIN_MS = 20;

export interface TakenBack {
  /** Tasks that were ready in RabbitMQ, and wait in Tasker again. */
  ready: number;
  /** Tasks that workers have in hand; with `kill` they are told to end them, and these wait again too. */
  running: number;
  /** Nothing of it can be in RabbitMQ any more. */
  complete: boolean;
}

/**
 * Takes the tasks of what is paused out of RabbitMQ, and notes that they are to be sent again. It must be marked as paused
 * before: then nothing new is tracked. @throws ServiceUnavailableError when RabbitMQ does not take part
 */
export async function takeBack(
  scope: PauseScope,
  running: 'finish' | 'kill',
  services: FlowServices,
): Promise<TakenBack> {
  const { broker, windowStore, presence, tasks } = services;
  const complete = await nothingOnTheWay(scope, services);
  const wanted = await idsIn(scope, services);
  const isIn = (content: Buffer, headers: unknown) => {
    const id = taskOf(content, headers)?.id;
    return id !== undefined && (wanted === undefined || wanted.has(id)) ? id : undefined;
  };
  const before = async (ids: readonly string[]) => putBack(await tasks.describe(ids), services);
  const ready = await broker.drainMatching(isIn, { before });
  await windowStore.takenOut(ready);

  const listed = new Set((await presence.workers()).flatMap((worker) => [...worker.tasks]));
  const inHand = (await tasks.describe([...listed])).filter(
    ({ id, submission }) => submission !== undefined && (wanted === undefined || wanted.has(id)),
  );
  if (running === 'kill' && inHand.length > 0) {
    const killed = await putBack(inHand, services);
    for (const some of pages([...killed], IDS_PER_MESSAGE)) await broker.broadcast(cancelTasks(some));
  }
  return { ready, running: inHand.length, complete };
}

/** Waits until every task that was tracked was sent. false: something is on its way all the same. */
async function nothingOnTheWay(scope: PauseScope, { submissions, view }: FlowServices): Promise<boolean> {
  const open = Object.entries(await submissions.open());
  const ids = open
    .filter(([, project]) => scope.project === undefined || project === scope.project)
    .map(([id]) => id)
    .filter((id) => scope.submission === undefined || id === scope.submission);
  for (const deadline = Date.now() + ON_THE_WAY_MS; ; await delay(LOOK_AGAIN_MS)) {
    if (!(await view.anyOnTheWay(ids))) return true;
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
    for (const task of page) if (submission === undefined || task.submission === submission) ids.add(task.id);
  return ids;
}

/** Gives the ids of those that wait again. One that nothing tells whose it is stays where it is. */
async function putBack(
  tasks: readonly TaskOut[],
  { again, submissions }: Pick<FlowServices, 'again' | 'submissions'>,
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
    const parts = portShardsOf(facts.options).map(({ key }) => key);
    const back = own.flatMap(({ id: task, ip, ports }): AgainTask[] => {
      const part = parts.indexOf(ports);
      return ip === undefined || part < 0 ? [] : [{ id: task, ip, part, ports }];
    });
    if ((await again.putBack(facts, back)) !== undefined) for (const task of back) waiting.add(task.id);
  }
  return waiting;
}
