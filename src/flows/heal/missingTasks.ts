import { setTimeout as delay } from 'node:timers/promises';
import { IDS_PER_MESSAGE } from '../../adapters/celery/messages.ts';
import { isAmong } from '../../adapters/celery/parse.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import { GONE_AFTER_PINGS } from '../../adapters/workers/presence.ts';
import type { FlowServices } from '../flowServices.ts';

/** A scan is between two parts within this, or has a job that waits for something. */
const ON_THE_WAY_MS = 1_000;
const LOOK_AGAIN_MS = 10;

/**
 * The tasks that RabbitMQ has taken, that have not ended, do not stand in its queue, and that no worker has. undefined:
 * nobody can tell, because a worker does not say what it has.
 *
 * The order matters. What was out before the queue is looked at is in the queue, with a worker, or lost: it cannot arrive
 * later. The queue is only looked at: nothing of it is taken out. Who takes it meanwhile has it when it is asked.
 */
export async function missingTasks(
  scans: Readonly<Record<string, string>>,
  services: FlowServices,
): Promise<string[] | undefined> {
  const { presence, recalls } = services;
  const out = new Set<string>();
  for (const [id, project] of Object.entries(scans))
    for (const task of await settledTasks(id, project, services)) out.add(task);
  for (const id of (await recalls.all()).keys()) out.delete(id);
  if (out.size === 0) return [];

  for (const id of await readyTasks(services)) out.delete(id);
  const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
  for (const { tasks } of there) for (const id of tasks) out.delete(id);
  for (const some of pages([...out], IDS_PER_MESSAGE)) {
    const held = await heldByAll(some, services);
    if (held === undefined) return undefined;
    for (const id of held) out.delete(id);
  }
  return [...out];
}

/** Those of one scan, when nothing of it is on its way to RabbitMQ. */
async function settledTasks(id: string, project: string, { lost }: FlowServices): Promise<string[]> {
  for (const deadline = Date.now() + ON_THE_WAY_MS; ; await delay(LOOK_AGAIN_MS)) {
    const tasks = await lost.sentAndOut(id, project);
    if (tasks !== undefined) return tasks;
    if (Date.now() > deadline) return [];
  }
}

/**
 * Looks at the queue, and takes nothing out.
 * @param ids those in question; all without them
 * @param first how many messages are looked at, from the head of the queue
 */
export async function readyTasks(
  { broker }: FlowServices,
  ids?: ReadonlySet<string>,
  first?: number,
): Promise<ReadonlySet<string>> {
  let ready: ReadonlySet<string> = new Set();
  const before = async (found: readonly string[]) => {
    ready = new Set(found);
    return new Set<string>();
  };
  await broker.drainMatching(isAmong(ids), { before, first });
  return ready;
}

/** undefined: one that takes tasks has not answered. */
export async function heldByAll(
  ids: readonly string[],
  { broker }: Pick<FlowServices, 'broker'>,
): Promise<string[] | undefined> {
  const answers = await broker.heldTasks(ids);
  return answers.size < (await broker.consumers()) ? undefined : [...answers.values()].flat();
}
