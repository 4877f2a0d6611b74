import type { DroppedTargets } from '../adapters/batchStore.ts';
import { type OutgoingMessage, scanTaskWriter } from '../adapters/celery.ts';
import { NotTakenError } from '../adapters/rabbitmq.ts';
import type { SubmissionFacts } from '../adapters/submissionStore.ts';
import { AwayError } from '../errors.ts';
import { openPortsArguments, serviceArguments } from '../nmap/arguments.ts';
import { portsString } from '../nmap/portSet.ts';
import { type Address, formatAddress } from '../targets/address.ts';
import { batchCount, LANES } from './batches.ts';
import { sendCheck, type Target } from './sendCheck.ts';
import { NotNow, type Stage, type StageContext } from './stage.ts';
import { taskIds } from './taskIds.ts';

/** Until the next look at a full window, or at a project that is being stopped. */
const REST_MS = 100;
/** Until the next look whether RabbitMQ is back. */
const AWAY_REST_MS = 1_000;

/**
 * Sends one batch: waits for room in the window, writes the tracking keys, publishes, marks the batch sent, and
 * starts the next batch of its lane. In that order, so that a crash anywhere sends a batch twice at worst.
 */
export const publish: Stage = {
  name: 'publish',
  description:
    'One batch of tasks goes to RabbitMQ when there is room in the window; the next one of the lane follows.',
  attempts: 3,
  backoffMs: 500,
  concurrency: LANES,
  async run({ submission, index: batch = 0 }, context) {
    const { submissions, batches, log, inject } = context;
    const facts = await submissions.facts(submission);
    if (facts.state === 'stopped') return { stopped: true };
    await roomInWindow(context);

    const addresses = await context.targets.addresses(facts, batch);
    const tracked = await track(facts, batch, addresses, context);
    if (tracked === 'stopped') return { stopped: true };
    if (tracked !== 'sent') {
      await send(facts, batch, tracked.messages, context);
      const { dropped } = tracked;
      await batches.sent(submission, { lane: batch % LANES, batch, size: addresses.length, dropped });
    }
    // Only now: within a lane a batch must be marked sent before the next one exists.
    const next = batch + LANES;
    if (next < batchCount(facts.total ?? 0)) await inject('publish', [{ submission, index: next }]);
    if (tracked === 'sent') return { already_sent: true };
    const { messages, leftOut, dropped } = tracked;
    const refused = dropped.reduce((sum, { count }) => sum + count, 0);
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
  if (dispatchWindow === 0) return;
  const ready = await broker.depth().catch(whenAway);
  if (ready >= dispatchWindow) throw new NotNow('the window is full', REST_MS);
}

async function send(
  { id }: SubmissionFacts,
  batch: number,
  messages: readonly OutgoingMessage[],
  { broker, batches }: StageContext,
): Promise<void> {
  try {
    await broker.publishTasks(messages);
  } catch (error) {
    if (error instanceof NotTakenError) await batches.saveNotTaken(id, batch, error.ids);
    whenAway(error);
  }
}

/** RabbitMQ, DNS or the exclusions file being away is no fault of the batch: it waits as long as it takes. */
function whenAway(error: unknown): never {
  if (error instanceof AwayError) throw new NotNow(error.message, AWAY_REST_MS);
  throw error;
}

async function track(
  facts: SubmissionFacts,
  batch: number,
  addresses: readonly Address[],
  context: StageContext,
) {
  const { batches } = context;
  const all = addresses.map(formatAddress);
  const names = facts.links === 0 ? [] : await batches.hostnamesOf(facts.id, all);
  const { kept, dropped } = await sendCheck(
    facts,
    addresses.map((address, index) => ({ address, ip: all[index] ?? '', hostnames: names[index] ?? [] })),
    context,
  ).catch(whenAway);
  const ports = portsString(facts.options.open_ports_opts.ports);
  if (dropped.length > 0) await withdraw(facts, all, kept, ports, context);
  const ips = kept.map(({ ip }) => ip);
  const ids = taskIds(facts.id, ips, ports);
  const publishable = await batches.track({
    submission: facts.id,
    project: facts.project,
    user: facts.user.id,
    lane: batch % LANES,
    batch,
    ports,
    tasks: ips.map((ip, index) => ({ ip, id: ids[index] ?? '' })),
  });
  if (publishable === 'stopped' || publishable === 'sent') return publishable;
  if (publishable === 'stopping') throw new NotNow('the project is being stopped', REST_MS);

  const message = messageWriter(facts, ports);
  const messages = kept.flatMap(({ address, ip, hostnames }, index) => {
    const id = ids[index] ?? '';
    return publishable.has(id) ? [message(id, address, ip, hostnames)] : [];
  });
  // Left out is what another task has the lock of, and what an earlier try of the batch has sent.
  return { messages, leftOut: kept.length - messages.length, dropped };
}

/** An earlier try of the batch may have tracked, or even sent, what is dropped now. */
async function withdraw(
  facts: SubmissionFacts,
  ips: readonly string[],
  kept: readonly Target[],
  ports: string,
  { batches, recalls }: StageContext,
): Promise<void> {
  const still = new Set(kept.map(({ ip }) => ip));
  const gone = ips.filter((ip) => !still.has(ip));
  const ids = taskIds(facts.id, gone, ports);
  const tasks = gone.map((ip, index) => ({ ip, id: ids[index] ?? '' }));
  const tracked = await batches.release({ project: facts.project, user: facts.user.id, ports, tasks });
  if (tracked.length > 0) await recalls.remember(tracked, new Set(tracked), Date.now());
}

/** A row of the log: without the set, which may be long. */
function toldOf({ reason, detail, count }: DroppedTargets): object {
  return { reason, ...detail, count };
}

function messageWriter({ project, user, options }: SubmissionFacts, ports: string) {
  const { timeout, include_services, mode } = options;
  const writerFor = (family: 4 | 6) =>
    scanTaskWriter({
      project,
      open_ports_opts: openPortsArguments(options.open_ports_opts, family),
      service_opts: serviceArguments(options, family),
      timeout,
      include_services,
      mode,
      user,
      open_ports_str: ports,
      track_history: true,
    });
  const [write4, write6] = [writerFor(4), writerFor(6)];
  return (id: string, address: Address, ip: string, hostnames: readonly string[]): OutgoingMessage =>
    (typeof address === 'number' ? write4 : write6)(id, ip, hostnames);
}
