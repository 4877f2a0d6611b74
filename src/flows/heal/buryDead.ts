import { cancelTasks, IDS_PER_MESSAGE } from '../../adapters/celery/messages.ts';
import { isAmong } from '../../adapters/celery/parse.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import { GONE_AFTER_PINGS } from '../../adapters/workers/presence.ts';
import type { Start, Started } from '../../adapters/workers/startStore.ts';
import type { FlowServices } from '../flowServices.ts';
import { againTasks } from '../takeBack/takeBack.ts';
import { heldByAll, readyTasks } from './missingTasks.ts';

/** Whoever begins a task once more after so many has begun a dead letter. */
const MOST_STARTS = 3;
/** What is given back to a queue goes back to its head. */
const LOOKED_AT = 500;

/**
 * Takes out what was begun three times and never ended: the worker dies of it each time, and the next one would as well.
 * Run every few seconds; costs one read as long as no task is begun a third time.
 */
export async function buryDead(services: FlowServices): Promise<void> {
  const { broker, started, again } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  await started.sweep();
  const known = await started.all();
  const dead = new Set([...known].flatMap(([id, { isDead }]) => (isDead ? id : [])));
  const suspects = new Map([...known].filter(([, { starts }]) => starts.length >= MOST_STARTS));
  for (const id of await neverEnding(suspects, services)) {
    if (await bury(id, suspects.get(id)?.starts ?? [], services)) dead.add(id);
  }
  // Also of those that a process buried that died then.
  await again.tellDead();
  if (dead.size === 0) return;
  await takeOutDead(dead, services);
  await started.sweep(await heldByNobody([...dead], services));
}

/** Asked after the queue was looked at: what a worker gives back later it has by now. */
async function heldByNobody(dead: readonly string[], services: FlowServices): Promise<Set<string>> {
  const gone = new Set<string>();
  for (const some of pages(dead, IDS_PER_MESSAGE)) {
    const held = await heldByAll(some, services);
    if (held) for (const id of some) if (!held.includes(id)) gone.add(id);
  }
  return gone;
}

/** Those that were begun once more, and those that nobody has any more after the last start. */
async function neverEnding(
  suspects: ReadonlyMap<string, Started>,
  services: FlowServices,
): Promise<string[]> {
  const begunAgain = [...suspects].filter(([, { starts }]) => starts.length > MOST_STARTS);
  const maybe = [...suspects.keys()].filter((id) => begunAgain.every(([other]) => other !== id));
  const found = begunAgain.map(([id]) => id);
  for (const some of pages(maybe, IDS_PER_MESSAGE)) {
    const held = await heldByAll(some, services);
    // Where somebody does not say what he has, the head of the queue tells: there is what was given back.
    const ready = held === undefined ? await readyTasks(services, new Set(some), LOOKED_AT) : undefined;
    found.push(...some.filter((id) => (ready ? ready.has(id) : !held?.includes(id))));
  }
  return found;
}

/** Notes that it failed, and lets go of its keys. false: it has ended meanwhile, or is not ours. */
async function bury(id: string, starts: readonly Start[], services: FlowServices): Promise<boolean> {
  const { tasks, submissions, again, log } = services;
  const [task] = await tasks.describe([id]);
  const facts = task?.submission === undefined ? undefined : await submissions.find(task.submission);
  if (task === undefined || facts === undefined) return false;
  const noted = againTasks(facts, [task]).map((each) => ({ ...each, starts }));
  if (!(await again.putBack(facts, noted, 'failed'))) return false;
  log.error(
    { submission: facts.id, project: facts.project, task: id, ip: task.ip, starts },
    'a task was begun again and again and never ended: it is not sent again',
  );
  return true;
}

/** From the queue and from workers. Without a revoke: workers would remember that when it is sent again. */
async function takeOutDead(dead: ReadonlySet<string>, services: FlowServices): Promise<void> {
  const { broker, windowStore, presence } = services;
  if ((await broker.depth()) > 0)
    await windowStore.takenOut(await broker.drainMatching(isAmong(dead), { first: LOOKED_AT }));
  const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
  const listed = there.flatMap(({ tasks }) => [...tasks].filter((id) => dead.has(id)));
  for (const some of pages([...new Set(listed)], IDS_PER_MESSAGE)) await broker.broadcast(cancelTasks(some));
}
