/** What of new exclusions is still out, looked at again and again until nothing is. */
import type { Receipt, SeenTask } from '../../adapters/scopeRules/receiptStore.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { Coverage, type ScopeServices } from './coverage.ts';
import { endInHand } from './takeBack.ts';

/** What the exclusions of a receipt are about and is out. */
export interface Left {
  /** In RabbitMQ, or on the way to a worker that has not said so yet. */
  ready: number;
  /** With workers. */
  running: number;
  /** The submissions of those that a worker was told to end. */
  ended: ReadonlySet<string>;
}

/** Whoever looks takes a twentieth of the time at most. */
const LOOKS_EVERY = 20;
/** A worker that vanishes gives its task back to RabbitMQ, which another one would take. */
const TAKE_OUT_EVERY_MS = 5_000;
const NOTHING: Left = { ready: 0, running: 0, ended: new Set() };

/** Looks at all receipts of which something may be out, or at those of one project. */
export async function lookAtReceipts(services: ScopeServices, project?: string): Promise<Set<string>> {
  const ended = new Set<string>();
  for (const [id, of] of Object.entries(await services.receipts.unsettled())) {
    if (project !== undefined && of !== project) continue;
    const receipt = await services.receipts.find(of, id);
    if (receipt === undefined) await services.receipts.leave(id);
    else if (project !== undefined || Date.now() >= (receipt.nextLookMs ?? 0))
      for (const submission of (await look(receipt, services)).ended) ended.add(submission);
  }
  return ended;
}

/**
 * What is out of what a receipt is about, at this moment; what runs is ended unless it may finish. The first look that
 * finds nothing is kept: from then on nothing of it can come out again, because whoever sends tasks looks at the rules in
 * the step that tracks them. Of the workers their own word counts: one that ignores a cancel has the task until it ends.
 */
export async function look(receipt: Receipt, services: ScopeServices): Promise<Left> {
  const { receipts, rulesToApply, recalls, broker, log } = services;
  const startedMs = Date.now();
  const coverage = await Coverage.of(receipt, services);
  if (coverage === undefined) {
    await receipts.leave(receipt.id);
    return NOTHING;
  }
  const { ready, inHand, toEnd, listed } = await tasksOn(receipt, coverage, services);
  const nowMs = await recalls.now();
  const seen = stillSeen(receipt, listed);
  for (const [id, task] of inHand) seen.set(id, task);
  const isStuck =
    ready > 0 && Date.now() >= (receipt.takeOutMs ?? Date.parse(receipt.at) + TAKE_OUT_EVERY_MS);
  if (isStuck) await rulesToApply.again(receipt.project);
  const isOver = ready === 0 && seen.size === 0 && isKnown(receipt, nowMs);
  const ended = Object.entries(receipt.seen)
    .filter(([id]) => !seen.has(id))
    .at(-1);
  const at = new Date(nowMs).toISOString();
  // Before anything is ended: whoever dies in between leaves a note of it.
  await receipts.save({
    ...receipt,
    seen: Object.fromEntries(seen),
    last: ended === undefined ? receipt.last : { task: ended[0], ...ended[1], ended_at: at },
    since: isOver ? at : null,
    ...(isStuck && { takeOutMs: Date.now() + TAKE_OUT_EVERY_MS }),
    nextLookMs: Date.now() + LOOKS_EVERY * (Date.now() - startedMs),
  });
  if (isOver) log.info({ project: receipt.project, receipt: receipt.id }, 'nothing is out that is excluded');
  const canEnd = receipt.running === 'kill' && broker.connected && broker.blocked === undefined;
  if (canEnd && toEnd.length > 0) {
    // Before anything forgets them: RabbitMQ may give one to another worker, when its own one vanishes.
    await recalls.remember(
      toEnd.map(({ id }) => id),
      new Set(),
    );
    await endInHand(toEnd, services);
    const told = toEnd.map(({ id, ip }) => ({ task: id, ip }));
    log.info({ project: receipt.project, receipt: receipt.id, ended: told }, 'what is excluded is ended');
  }
  const told = new Set(canEnd ? toEnd.flatMap(({ submission }) => submission ?? []) : []);
  return { ready, running: seen.size, ended: told };
}

interface TasksOn {
  ready: number;
  /** Those that workers have in hand. */
  inHand: Map<string, SeenTask>;
  /** The same, without those of which it is not sure. */
  toEnd: TaskOut[];
  /** Every task that a worker lists, with its worker. */
  listed: ReadonlyMap<string, string>;
}

async function tasksOn(
  { project }: Receipt,
  coverage: Coverage,
  { tasks, presence }: ScopeServices,
): Promise<TasksOn> {
  // First: one that a worker takes in between is found in the one or in the other.
  const out: { task: TaskOut; isSure: boolean }[] = [];
  for await (const page of tasks.tasksOut(project))
    for (const task of page) {
      const covered = await coverage.covers(task);
      if (covered !== 'no') out.push({ task, isSure: covered === 'yes' });
    }
  const workers = await presence.workers();
  const listed = new Map(
    workers.flatMap(({ host, tasks: own }) => [...own].map((id) => [id, host] as const)),
  );
  const running = out.filter(({ task }) => listed.has(task.id));
  return {
    ready: out.length - running.length,
    inHand: new Map(
      running.map(({ task: { id, ip = '' } }) => [id, { ip, worker: listed.get(id) ?? '' }] as const),
    ),
    toEnd: running.filter(({ isSure }) => isSure).map(({ task }) => task),
    listed,
  };
}

/** Each process reads the installation's list for itself, and looks at it every second. */
const KNOWN_AFTER_MS = 3_000;

/** Whether every process goes by these exclusions by now. */
function isKnown({ of, at }: Receipt, nowMs: number): boolean {
  return of !== 'installation' || nowMs >= Date.parse(at) + KNOWN_AFTER_MS;
}

/** Also those that are no longer kept as being out, because they were ended: until their worker says so. */
function stillSeen({ seen }: Receipt, listed: ReadonlyMap<string, string>): Map<string, SeenTask> {
  return new Map(Object.entries(seen).filter(([id]) => listed.has(id)));
}
