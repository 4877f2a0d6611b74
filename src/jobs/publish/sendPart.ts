/** A part of a batch on its way: the rules once more, the tracking keys, RabbitMQ, the mark. */
import { type OutgoingMessage, scanTaskWriter } from '../../adapters/celery/messages.ts';
import type { Untracked } from '../../adapters/dispatch/batchScripts.ts';
import { AGAIN, type SentBatch } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { openPortsArguments, serviceArguments } from '../../nmap/arguments.ts';
import { type PortShard, portShardsOf } from '../../nmap/portShards.ts';
import { type Address, formatAddress } from '../../targets/address/address.ts';
import type { TaskSlot } from '../../targets/order/batches.ts';
import { taskNames } from '../../targets/taskNames.ts';
import { RetryLaterError, type StageContext } from '../runner/stage.ts';
import { taskIds } from '../taskIds.ts';
import type { Target, Withdrawn } from './moveTerms.ts';
import { grouped, recheckTargets } from './recheckTargets.ts';
import { sendBatch, whenAway } from './sendBatch.ts';

/** Until the next look at a project that is being stopped. */
const STOPPING_REST_MS = 250;
/** Until the next look at a project that the users' store does not know. */
const UNKNOWN_REST_MS = 5_000;
/** Until the next look at what a limit holds; whoever frees a place wakes the job. */
export const LIMITED_REST_MS = 5_000;
/** Until the next look at what is paused; whoever resumes it wakes the job. */
const PAUSED_REST_MS = 30_000;
/** Until the targets are checked once more. */
const OTHER_RULES_REST_MS = 50;

/** What of a submission is sent at once. */
type PartOfBatch = Pick<SentBatch, 'lane' | 'batch' | 'from' | 'to' | 'last' | 'ids'>;

/**
 * Looks at the rules, tracks the tasks of a part, publishes them and marks them. Gives what the board shows; words: nothing
 * was done.
 */
export async function sendPart(
  facts: SubmissionFacts,
  slots: readonly TaskSlot[],
  part: PartOfBatch,
  context: StageContext,
): Promise<'stopped' | 'sent' | Record<string, unknown>> {
  const ready = await track(facts, slots, part, context);
  return typeof ready === 'string' ? ready : send(facts, ready, context);
}

/** Everything of a part that was made ready. */
type Ready = Exclude<Awaited<ReturnType<typeof track>>, string>;

async function track(
  facts: SubmissionFacts,
  slots: readonly TaskSlot[],
  part: PartOfBatch,
  context: StageContext,
) {
  const parts = portShardsOf(facts.options);
  const lookedAtMs = performance.now();
  const targets = await targetsOf(facts, slots, context);
  // Before the rules are read: what is added from here on is noticed when the tasks are tracked.
  const installation = context.rules.installationHash();
  const rules = await context.exclusions.version(facts.project);
  const { kept, moved, refused, withdrawn } = await recheckTargets(facts, targets, context).catch(whenAway);
  const movedNames = part.batch === AGAIN ? await movedNamesOf(facts, targets, context) : new Map();
  // In the order of the batch, part by part: the parts of one address lie far apart.
  const byAddress = new Map(kept.map((target) => [target.address, target]));
  const inOrder = slots.flatMap(({ address, part }) => {
    const target = byAddress.get(address);
    return target === undefined ? [] : [{ ...target, parts: [part], ...movedNames.get(target.ip) }];
  });
  const own = tasksOf(facts, inOrder, parts);
  const tasks = [...own, ...tasksOf(facts, moved, parts)];
  if (withdrawn.length > 0) await withdraw(facts, withdrawn, parts, context);
  // The task of an address that was dropped and taken over has the id that may have been recalled then, and so has one
  // that was taken back.
  const maybeRecalled = part.batch === AGAIN ? tasks : tasks.slice(own.length);
  if (maybeRecalled.length > 0) await context.recalls.forget(maybeRecalled.map(({ id }) => id));
  const { id: submission, project, user } = facts;
  const limits = [context.perNetwork, facts.options.per_network].filter((limit) => limit != null);
  const { later } = facts;
  const batch = { submission, project, user: user.id, rules, installation, later, ...part, limits, tasks };
  const tracked = await context.batches.track(batch);
  if (typeof tracked === 'string') return laterOr(tracked);
  const { publishable, aside } = tracked;
  const write = parts.map((ports) => messageWriter(facts, ports));
  const messages = tasks.flatMap((task) => {
    const writer = publishable.has(task.id) ? write[task.part] : undefined;
    return writer === undefined ? [] : [writer(task)];
  });
  const sent = {
    ...part,
    ids: part.ids.filter((id) => !aside.has(id)),
    published: messages.length,
    dropped: grouped(refused),
    refused: slots.length - own.length,
  };
  return { messages, tasks, aside: aside.size, moved, sent, lookedAtMs };
}

/** What keeps a part from being sent now is looked at again later. */
function laterOr(untracked: Untracked): 'stopped' | 'sent' {
  switch (untracked) {
    case 'paused':
      throw new RetryLaterError('it is paused', PAUSED_REST_MS, 'job');
    case 'other_rules':
      throw new RetryLaterError('the scope rules have just changed', OTHER_RULES_REST_MS, 'job');
    case 'stopping':
      throw new RetryLaterError('the project is being stopped', STOPPING_REST_MS, 'job');
    case 'unknown_project':
      throw new RetryLaterError("the users' store does not know the project", UNKNOWN_REST_MS, 'job');
    case 'limited':
      throw new RetryLaterError(
        'the project, or its networks, have as many tasks as they may',
        LIMITED_REST_MS,
        'job',
      );
    default:
      return untracked;
  }
}

/** Gives what the board shows. */
async function send(facts: SubmissionFacts, ready: Ready, context: StageContext) {
  const { messages, tasks, aside, moved, sent } = ready;
  const { batch, dropped, refused } = sent;
  const { log } = context;
  const tooLong = await sendBatch(facts, ready, context);
  // What another task has the lock of, and what an earlier try of the batch has sent.
  const leftOut = tasks.length - messages.length - aside;
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
  log.debug({ batch, tasks: messages.length, leftOut }, 'part of a batch sent');
  return {
    tasks: messages.length - tooLong,
    ...(leftOut > 0 && { left_out: leftOut }),
    ...(aside > 0 && { limited: aside }),
    ...(refused > 0 && { dropped: refused }),
    ...(tooLong > 0 && { too_long: tooLong }),
    ...(moved.length > 0 && { moved: moved.length }),
  };
}

/** The distinct addresses of a batch, with their host names. */
async function targetsOf(
  facts: SubmissionFacts,
  slots: readonly TaskSlot[],
  { batches }: StageContext,
): Promise<Target[]> {
  const ips = new Set(slots.map(({ address }) => formatAddress(address)));
  const names = await batches.hostnamesOf(facts, [...ips]);
  const targets = new Map<Address, Target & { parts: number[] }>();
  for (const { address, part } of slots) {
    const ip = formatAddress(address);
    const target = targets.get(address) ?? { address, ip, hostnames: names.get(ip) ?? [], parts: [] };
    target.parts.push(part);
    targets.set(address, target);
  }
  return [...targets.values()];
}

/** One that has come back may stand in the place of another one: then it has names that were not planned for it. */
async function movedNamesOf(
  { id }: SubmissionFacts,
  targets: readonly Target[],
  { targetStore }: StageContext,
): Promise<Map<string, Pick<Target, 'hostnames'>>> {
  const ips = targets.map(({ ip }) => ip);
  const moves = await targetStore.movesOf({ id, moved: ips.length }, ips);
  return new Map([...moves].map(([ip, { names }]) => [ip, { hostnames: [...names].sort() }]));
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
