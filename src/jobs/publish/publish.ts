import { type OutgoingMessage, scanTaskWriter } from '../../adapters/celery/messages.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { openPortsArguments, serviceArguments } from '../../nmap/arguments.ts';
import { type PortShard, portShardsOf } from '../../nmap/portShards.ts';
import { type Address, formatAddress } from '../../targets/address/address.ts';
import { batchCount, batchLength, LANES, type TaskSlot } from '../../targets/order/batches.ts';
import { taskNames } from '../../targets/taskNames.ts';
import { RetryLaterError, type Stage, type StageContext } from '../runner/stage.ts';
import { taskIds } from '../taskIds.ts';
import type { Target, Withdrawn } from './moveTerms.ts';
import { grouped, recheckTargets } from './recheckTargets.ts';
import { AWAY_REST_MS, sendBatch, whenAway } from './sendBatch.ts';

/** Until the next look at a full window. */
const REST_MS = 100;
/** Until the next look at a project that is being stopped. */
const STOPPING_REST_MS = 250;
/** Until the next look at a project that the users' store does not know. */
const UNKNOWN_REST_MS = 5_000;

/**
 * Sends one batch: waits for room in the window, writes the tracking keys, publishes, marks the batch sent, and
 * starts the next batch of its lane. In that order, and with room for one batch in a process between publishing and
 * marking, so that a crash anywhere sends as many tasks twice at worst. The other lanes get theirs ready meanwhile.
 */
export const publish: Stage = {
  name: 'publish',
  injected: true,
  description:
    'One batch of tasks goes to RabbitMQ when there is room in the window; the next one of the lane follows.',
  attempts: 3,
  backoffMs: 500,
  concurrency: LANES,
  async run({ submission, index: batch = 0 }, context) {
    const { submissions, inject } = context;
    const facts = await submissions.facts(submission);
    if (facts.state === 'stopped') return { stopped: true };
    await roomInWindow(context);

    const pairs = await context.targets.pairs(facts, batch);
    const ready = await track(facts, batch, pairs, context);
    if (ready === 'stopped') return { stopped: true };
    const result = ready === 'sent' ? { already_sent: true } : await send(facts, ready, context);
    // Only now: within a lane a batch must be marked sent before the next one exists.
    const next = batch + LANES;
    const total = facts.total ?? 0;
    if (next < batchCount(total)) {
      const turn = await context.turns.next(facts, batchLength(total, next), context.turn);
      await inject('publish', [{ submission, index: next }], [turn]);
    } else await context.turns.last(context.turn);
    return result;
  },
};

async function roomInWindow({ broker, dispatchWindow }: StageContext): Promise<void> {
  if (!broker.connected) throw new RetryLaterError('RabbitMQ is away', AWAY_REST_MS);
  if (broker.blocked !== undefined) throw new RetryLaterError('RabbitMQ blocks publishers', AWAY_REST_MS);
  if (dispatchWindow === 0) return;
  const ready = await broker.depth().catch(whenAway);
  if (ready >= dispatchWindow) throw new RetryLaterError('the window is full', REST_MS);
}

/** Everything of a batch that was made ready. */
type Ready = Exclude<Awaited<ReturnType<typeof track>>, string>;

async function track(
  facts: SubmissionFacts,
  batch: number,
  pairs: readonly TaskSlot[],
  context: StageContext,
) {
  const parts = portShardsOf(facts.options);
  const lookedAtMs = performance.now();
  const targets = await targetsOf(facts, pairs, context);
  const { kept, moved, refused, withdrawn } = await recheckTargets(facts, targets, context).catch(whenAway);
  // In the order of the batch, part by part: the parts of one address lie far apart.
  const byAddress = new Map(kept.map((target) => [target.address, target]));
  const inOrder = pairs.flatMap(({ address, part }) => {
    const target = byAddress.get(address);
    return target === undefined ? [] : [{ ...target, parts: [part] }];
  });
  const own = tasksOf(facts, inOrder, parts);
  const tasks = [...own, ...tasksOf(facts, moved, parts)];
  if (withdrawn.length > 0) await withdraw(facts, withdrawn, parts, context);
  // The task of an address that was dropped and taken over has the id that may have been recalled then.
  if (moved.length > 0) await context.recalls.forget(tasks.slice(own.length).map(({ id }) => id));
  const { id: submission, project, user } = facts;
  const slot = { lane: batch % LANES, batch, size: pairs.length };
  const publishable = await context.batches.track({ submission, project, user: user.id, ...slot, tasks });
  if (publishable === 'stopped' || publishable === 'sent') return publishable;
  if (publishable === 'stopping')
    throw new RetryLaterError('the project is being stopped', STOPPING_REST_MS, 'job');
  if (publishable === 'unknown_project')
    throw new RetryLaterError("the users' store does not know the project", UNKNOWN_REST_MS, 'job');

  const write = parts.map((part) => messageWriter(facts, part));
  const messages = tasks.flatMap((task) => {
    const writer = publishable.has(task.id) ? write[task.part] : undefined;
    return writer === undefined ? [] : [writer(task)];
  });
  const sent = { ...slot, dropped: grouped(refused), refused: pairs.length - own.length };
  return { messages, tasks, moved, sent, lookedAtMs };
}

/** Gives what the board shows. */
async function send(facts: SubmissionFacts, ready: Ready, context: StageContext) {
  const { messages, tasks, moved, sent } = ready;
  const { batch, dropped, refused } = sent;
  const { log } = context;
  const tooLong = await sendBatch(facts, ready, context);
  // What another task has the lock of, and what an earlier try of the batch has sent.
  const leftOut = tasks.length - messages.length;
  if (refused > 0)
    log.info(
      // Without the sets, which may be long.
      { batch, dropped: dropped.map(({ reason, detail, count }) => ({ reason, ...detail, count })) },
      'targets dropped before they were sent',
    );
  if (moved.length > 0)
    log.info(
      { batch, moved: moved.map(({ from, ip, hostnames }) => ({ from, to: ip, names: hostnames })) },
      'names lead elsewhere: their tasks moved along',
    );
  log.debug({ batch, tasks: messages.length, leftOut }, 'batch sent');
  return {
    tasks: messages.length - tooLong,
    ...(leftOut > 0 && { left_out: leftOut }),
    ...(refused > 0 && { dropped: refused }),
    ...(tooLong > 0 && { too_long: tooLong }),
    ...(moved.length > 0 && { moved: moved.length }),
  };
}

/** The distinct addresses of a batch, with their host names. */
async function targetsOf(
  facts: SubmissionFacts,
  pairs: readonly TaskSlot[],
  { batches }: StageContext,
): Promise<Target[]> {
  const ips = new Set(pairs.map(({ address }) => formatAddress(address)));
  const names = await batches.hostnamesOf(facts, [...ips]);
  const targets = new Map<Address, Target & { parts: number[] }>();
  for (const { address, part } of pairs) {
    const ip = formatAddress(address);
    const target = targets.get(address) ?? { address, ip, hostnames: names.get(ip) ?? [], parts: [] };
    target.parts.push(part);
    targets.set(address, target);
  }
  return [...targets.values()];
}

/** The tasks of the parts that are in the batch. */
function tasksOf<T extends Withdrawn>(
  { id }: SubmissionFacts,
  targets: readonly T[],
  parts: readonly PortShard[],
): (T & { part: number; ports: string; id: string })[] {
  const open = targets.flatMap((target) =>
    target.parts.map((part) => ({ ...target, part, ports: parts[part]?.key ?? '' })),
  );
  const ids = taskIds(id, open);
  return open.map((task, index) => ({ ...task, id: ids[index] ?? '' }));
}

/** An earlier try of the batch may have tracked, or even sent, what is not to be scanned now. */
async function withdraw(
  facts: SubmissionFacts,
  withdrawn: readonly Withdrawn[],
  parts: readonly PortShard[],
  { batches, recalls }: StageContext,
): Promise<void> {
  const tasks = tasksOf(facts, withdrawn, parts);
  const tracked = await batches.release({ project: facts.project, user: facts.user.id, tasks });
  if (tracked.length > 0) await recalls.remember(tracked, new Set(tracked));
}

/** Everything but address and names is the same for all tasks of one part, and is written once. */
function messageWriter({ project, user, options }: SubmissionFacts, { ports, key }: PortShard) {
  const { timeout, include_services, mode } = options;
  const writerFor = (family: 4 | 6) =>
    scanTaskWriter({
      project,
      open_ports_opts: openPortsArguments(options.open_ports_opts, family, ports),
      service_opts: serviceArguments(options, family),
      timeout,
      include_services,
      mode,
      user,
      open_ports_str: key,
      track_history: true,
    });
  const [write4, write6] = [writerFor(4), writerFor(6)];
  return ({ id, address, ip, hostnames }: Target & { id: string }): OutgoingMessage =>
    (typeof address === 'number' ? write4 : write6)(id, ip, taskNames(hostnames));
}
