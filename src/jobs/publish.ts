import { parse as uuidParse, v5 as uuidV5 } from 'uuid';
import { type OutgoingMessage, scanTaskWriter } from '../adapters/celery.ts';
import { NotTakenError } from '../adapters/rabbitmq.ts';
import type { SubmissionFacts } from '../adapters/submissionStore.ts';
import { AwayError } from '../errors.ts';
import { openPortsArguments, serviceArguments } from '../nmap/arguments.ts';
import { portsString } from '../nmap/portSet.ts';
import { type Address, formatAddress } from '../targets/address.ts';
import { batchCount, LANES } from './batches.ts';
import { NotNow, type Stage, type StageContext } from './stage.ts';

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
      await batches.sent(submission, batch % LANES, batch, addresses.length);
    }
    // Only now: within a lane a batch must be marked sent before the next one exists.
    const next = batch + LANES;
    if (next < batchCount(facts.total ?? 0)) await inject('publish', [{ submission, index: next }]);
    if (tracked === 'sent') return { already_sent: true };
    const { messages, leftOut } = tracked;
    log.debug({ batch, tasks: messages.length, leftOut }, 'batch sent');
    return { tasks: messages.length, ...(leftOut > 0 ? { left_out: leftOut } : {}) };
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

/** RabbitMQ being away is no fault of the batch: it waits as long as it takes. */
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
  const ips = addresses.map(formatAddress);
  const hostnames = facts.links === 0 ? [] : await batches.hostnamesOf(facts.id, ips);
  const ports = portsString(facts.options.open_ports_opts.ports);
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
  const messages = addresses.flatMap((address, index) => {
    const id = ids[index] ?? '';
    return publishable.has(id) ? [message(id, address, ips[index] ?? '', hostnames[index] ?? [])] : [];
  });
  // Left out is what another task has the lock of, and what an earlier try of the batch has sent.
  return { messages, leftOut: addresses.length - messages.length };
}

/** The same submission, address and ports give the same id: a batch that is sent again repeats its ids. */
function taskIds(submission: string, ips: readonly string[], ports: string): string[] {
  const namespace = uuidParse(submission);
  return ips.map((ip) => uuidV5(`${ip} ${ports}`, namespace));
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
