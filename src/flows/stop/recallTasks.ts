import { cancelTasks, IDS_PER_MESSAGE, revoke } from '../../adapters/celery/messages.ts';
import { taskIdOf } from '../../adapters/celery/parse.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { FlowServices } from '../flowServices.ts';
import { heldByAll } from '../heal/missingTasks.ts';
import { endUnfinished } from './letFinish.ts';
import { type Judged, judgeRecalls, type Verdict } from './recallVerdict.ts';

/** What is given back to a queue goes back to its head. */
const LOOKED_AT = 500;
/** Longer than it takes until every worker has been asked by a ping. */
const YOUNG_MS = 60_000;
const ASKED_EVERY_MS = 60_000;

type RecallServices = Omit<FlowServices, 'redis' | 'producer' | 'queues'>;

/**
 * Keeps a stopped scan stopped: tells the workers that list a task of it to end it, also those that come back after
 * they were cut off, and takes it out of the queue when RabbitMQ gives it back. What may finish is only kept from
 * beginning once more. Each task until there is evidence that nobody has it any more. Run now and then; costs nothing
 * when no task is in question.
 */
export async function recallTasks(services: RecallServices): Promise<void> {
  const { recalls, presence, windowStore, broker, log } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  const open = await recalls.all();
  if (open.size === 0) return;

  const now = await recalls.now();
  // A worker that came up just before the stop is known only when it answers its first ping.
  if ([...open.values()].some(({ since }) => now - since < YOUNG_MS)) await presence.discover();
  const judged = judgeRecalls(open, await presence.workers(), now);
  const told = idsOf(judged, 'tell');
  // Also for workers that came up after the stop: RabbitMQ may hand the message of one that vanishes to them.
  const held = judged.filter(({ verdict, recall }) => {
    return verdict === 'hold' || (verdict === 'ending' && recall.finishing !== undefined);
  });
  const revoked = [...told, ...held.flatMap(({ id }) => (open.get(id)?.taken ? [] : id))];
  for (const some of pages(revoked, IDS_PER_MESSAGE)) await broker.broadcast(revoke(some));
  for (const some of pages(told, IDS_PER_MESSAGE)) await broker.broadcast(cancelTasks(some));

  const left = judged.filter(({ verdict }) => verdict !== 'over' && verdict !== 'stale');
  const taken = await drainMatching(left, broker);
  await windowStore.takenOut(taken.size);
  await askForRunning(judged, now, services);
  const looked = left.map(({ id, recall: { queued: _, ...rest } }) => {
    return [id, taken.has(id) ? { ...rest, taken: true } : rest] as const;
  });
  await recalls.save(
    looked.filter(([id, recall]) => JSON.stringify(recall) !== JSON.stringify(open.get(id))),
  );
  for (const { id, hosts, verdict } of judged) {
    if (verdict !== 'stale') continue;
    await presence.forgetTask(id, hosts);
    log.warn(
      { task: id, workers: hosts },
      'a worker lists a task of a stopped scan and does not end it: it runs it no more, or hears no cancel',
    );
  }
  const over = judged.filter(({ verdict }) => verdict === 'over');
  for (const { id, recall } of over)
    if (recall.finishing !== undefined) await endUnfinished(id, recall.finishing, services);
  await recalls.forget([...over.map(({ id }) => id), ...idsOf(judged, 'stale')]);
  if (taken.size > 0)
    log.info({ tasks: [...taken] }, 'tasks of a stopped scan that a worker gave back are taken out');
}

function idsOf(judged: readonly Judged[], wanted: Verdict): string[] {
  return judged.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
}

/** A worker that dies and comes back under its name lists what it had, and runs none of it: others are asked, too. */
async function askForRunning(
  judged: readonly Judged[],
  now: number,
  services: RecallServices,
): Promise<void> {
  const due = judged.filter(({ verdict, recall }) => {
    return verdict === 'runs' && now - (recall.asked ?? recall.since) > ASKED_EVERY_MS;
  });
  if (due.length === 0) return;
  const held = await heldByAll(
    due.map(({ id }) => id),
    services,
  );
  for (const { id, hosts, recall } of due) {
    recall.asked = now;
    if (held !== undefined && !held.includes(id)) await services.presence.forgetTask(id, hosts);
  }
}

/** Takes those of the tasks out of the queue that are in it, and gives their ids. */
async function drainMatching(judged: readonly Judged[], broker: Broker): Promise<Set<string>> {
  const taken = new Set<string>();
  const isBack = ({ verdict, recall }: Judged) => verdict !== 'runs' && !recall.taken;
  const wanted = new Set(judged.filter(isBack).map(({ id }) => id));
  if (wanted.size === 0 || (await broker.depth()) === 0) return taken;
  const anywhere = judged.some(({ recall }) => recall.queued);
  await broker.drainMatching(
    (_, headers) => {
      const id = taskIdOf(headers);
      if (id === undefined || !wanted.has(id)) return undefined;
      taken.add(id);
      return id;
    },
    { first: anywhere ? undefined : LOOKED_AT },
  );
  return taken;
}
