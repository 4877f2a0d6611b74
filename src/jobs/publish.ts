import type { DroppedTargets } from '../adapters/batchStore.ts';
import { type OutgoingMessage, scanTaskWriter } from '../adapters/celery.ts';
import type { SubmissionFacts } from '../adapters/submissionFacts.ts';
import { openPortsArguments, serviceArguments } from '../nmap/arguments.ts';
import { type PortPart, portParts } from '../nmap/portParts.ts';
import { formatAddress } from '../targets/address.ts';
import { othersTurn } from '../turns.ts';
import { batchCount, LANES, type Pair } from './batches.ts';
import { AWAY_REST_MS, sendBatch, whenAway } from './sendBatch.ts';
import { sendCheck, type Target } from './sendCheck.ts';
import { NotNow, type Stage, type StageContext } from './stage.ts';
import { taskIds } from './taskIds.ts';

/** Until the next look at a full window. */
const REST_MS = 100;
/** Until the next look at a project that is being stopped. */
const STOPPING_REST_MS = 250;

/**
 * Sends one batch: waits for room in the window, writes the tracking keys, publishes, marks the batch sent, and
 * starts the next batch of its lane. In that order, and with room for one batch in a process between publishing and
 * marking, so that a crash anywhere sends as many tasks twice at worst. The other lanes get theirs ready meanwhile.
 */
export const publish: Stage = {
  name: 'publish',
  description:
    'One batch of tasks goes to RabbitMQ when there is room in the window; the next one of the lane follows.',
  attempts: 3,
  backoffMs: 500,
  concurrency: LANES,
  async run({ submission, index: batch = 0 }, context) {
    const { submissions, log, inject } = context;
    const facts = await submissions.facts(submission);
    if (facts.state === 'stopped') return { stopped: true };
    await roomInWindow(context);

    const pairs = await context.targets.pairs(facts, batch);
    const tracked = await track(facts, batch, pairs, context);
    if (tracked === 'stopped') return { stopped: true };
    if (tracked !== 'sent') {
      const { messages, dropped, refused, lookedAtMs } = tracked;
      const sent = { lane: batch % LANES, batch, size: pairs.length, dropped, refused };
      await sendBatch(facts, messages, sent, lookedAtMs, context);
    }
    // Only now: within a lane a batch must be marked sent before the next one exists.
    const next = batch + LANES;
    if (next < batchCount(facts.total ?? 0)) await inject('publish', [{ submission, index: next }]);
    if (tracked === 'sent') return { already_sent: true };
    const { messages, leftOut, dropped, refused } = tracked;
    if (refused > 0)
      log.info({ batch, dropped: dropped.map(toldOf) }, 'targets dropped before they were sent');
    log.debug({ batch, tasks: messages.length, leftOut }, 'batch sent');
    return {
      tasks: messages.length,
      ...(leftOut > 0 ? { left_out: leftOut } : {}),
      ...(refused > 0 ? { dropped: refused } : {}),
    };
  },
};

async function roomInWindow({ broker, dispatchWindow }: StageContext): Promise<void> {
  if (!broker.connected) throw new NotNow('RabbitMQ is away', AWAY_REST_MS);
  if (broker.blocked !== undefined) throw new NotNow('RabbitMQ blocks publishers', AWAY_REST_MS);
  if (dispatchWindow === 0) return;
  const ready = await broker.depth().catch(whenAway);
  if (ready >= dispatchWindow) throw new NotNow('the window is full', REST_MS);
}

/** A task of the batch that is still to be sent. */
interface Task extends Target {
  part: number;
  /** The string of its ports. */
  ports: string;
  id: string;
}

async function track(facts: SubmissionFacts, batch: number, pairs: readonly Pair[], context: StageContext) {
  const parts = portParts(facts.options);
  const lookedAtMs = performance.now();
  const targets = await targetsOf(facts, pairs, context);
  const { kept, dropped } = await sendCheck(facts, targets, context).catch(whenAway);
  // Each of these steps takes a millisecond or two; a small scan that is planned meanwhile goes on in between.
  await othersTurn();
  const tasks = tasksOf(facts, pairs, kept, parts);
  await othersTurn();
  if (dropped.length > 0) await withdraw(facts, pairs, kept, parts, context);
  const publishable = await context.batches.track({
    submission: facts.id,
    project: facts.project,
    user: facts.user.id,
    lane: batch % LANES,
    batch,
    size: pairs.length,
    tasks,
  });
  if (publishable === 'stopped' || publishable === 'sent') return publishable;
  if (publishable === 'stopping') throw new NotNow('the project is being stopped', STOPPING_REST_MS, 'job');

  await othersTurn();
  const write = parts.map((part) => messageWriter(facts, part));
  const messages = tasks.flatMap((task) => {
    const writer = publishable.has(task.id) ? write[task.part] : undefined;
    return writer === undefined ? [] : [writer(task)];
  });
  // Left out is what another task has the lock of, and what an earlier try of the batch has sent.
  const leftOut = tasks.length - messages.length;
  return { messages, leftOut, dropped, refused: pairs.length - tasks.length, lookedAtMs };
}

/** The distinct addresses of a batch, with their host names. */
async function targetsOf(
  facts: SubmissionFacts,
  pairs: readonly Pair[],
  { batches }: StageContext,
): Promise<Target[]> {
  const addresses = [...new Set(pairs.map(({ address }) => address))];
  const ips = addresses.map(formatAddress);
  const names = await batches.hostnamesOf(facts, ips);
  return addresses.map((address, index) => {
    return { address, ip: ips[index] ?? '', hostnames: names.get(ips[index] ?? '') ?? [] };
  });
}

/** The tasks of those pairs whose address is among the targets. */
function tasksOf(
  { id }: SubmissionFacts,
  pairs: readonly Pair[],
  targets: readonly Target[],
  parts: readonly PortPart[],
): Task[] {
  const byAddress = new Map(targets.map((target) => [target.address, target]));
  const open = pairs.flatMap(({ address, part }) => {
    const target = byAddress.get(address);
    return target === undefined ? [] : [{ ...target, part, ports: parts[part]?.key ?? '' }];
  });
  const ids = taskIds(id, open);
  return open.map((task, index) => ({ ...task, id: ids[index] ?? '' }));
}

/** An earlier try of the batch may have tracked, or even sent, what is dropped now. */
async function withdraw(
  facts: SubmissionFacts,
  pairs: readonly Pair[],
  kept: readonly Target[],
  parts: readonly PortPart[],
  { batches, recalls }: StageContext,
): Promise<void> {
  const still = new Set(kept.map(({ address }) => address));
  const gone = pairs.filter(({ address }) => !still.has(address));
  const targets = gone.map(({ address }) => ({ address, ip: formatAddress(address), hostnames: [] }));
  const tasks = tasksOf(facts, gone, targets, parts);
  const tracked = await batches.release({ project: facts.project, user: facts.user.id, tasks });
  if (tracked.length > 0) await recalls.remember(tracked, new Set(tracked), Date.now());
}

/** A row of the log: without the set, which may be long. */
function toldOf({ reason, detail, count }: DroppedTargets): object {
  return { reason, ...detail, count };
}

/** Everything but address and names is the same for all tasks of one part, and is written once. */
function messageWriter({ project, user, options }: SubmissionFacts, { ports, key }: PortPart) {
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
  return ({ id, address, ip, hostnames }: Task): OutgoingMessage =>
    (typeof address === 'number' ? write4 : write6)(id, ip, hostnames);
}
