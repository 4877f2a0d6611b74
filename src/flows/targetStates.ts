/**
 * What became of the accepted addresses of a submission. Nothing is kept per address: it follows from the order in
 * which they are sent, from how far the lanes are, and from the tasks that are out.
 */
import type { RefusalReason } from '../adapters/submission.ts';
import type { Sending, TargetMarks, TargetStore } from '../adapters/targetStore.ts';
import type { WorkerStore } from '../adapters/workerStore.ts';
import { LANES, type SendingOrder, sendingOrder } from '../jobs/batches.ts';
import { taskIds } from '../jobs/taskIds.ts';
import { RecentlyUsed } from '../recentlyUsed.ts';
import { type Address, formatAddress } from '../targets/address.ts';
import { type AddressSet, has } from '../targets/addressSet.ts';
import { decode } from '../targets/addressSetText.ts';

/**
 * - `waiting`: accepted, not sent yet
 * - `queued`: sent, and no worker has begun
 * - `running`: a worker says that it scans it
 * - `done`: its worker has ended
 * - `refused`: not accepted, with the reason
 * - `dropped`: accepted, and left out when it was its turn, with the reason
 * - `stopped`: accepted, and taken back by a stop before its worker had ended
 */
export const TARGET_STATES = [
  'waiting',
  'queued',
  'running',
  'done',
  'refused',
  'dropped',
  'stopped',
] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** One accepted target, and what became of it. */
export interface TargetOutcome {
  /** An address, or a name that did not resolve. */
  target: string;
  /** Sorted. */
  hostnames: string[];
  state: TargetState;
  /** Of a refused or dropped target. */
  reason: RefusalReason | null;
  /** Of a target that was sent. */
  task_id: string | null;
}

/** Accepted sets kept ready: who pages through one asks for it again and again. */
const MAX_ORDERS = 4;
/** For so long the workers' entries are taken for true: finding them costs a look at every key. */
const RUNNING_MS = 1_000;

/** The tasks of one target, in the order of its messages. */
export function tasksOf({ id, ports }: Sending, ips: readonly string[]): string[][] {
  return taskIds(id, ips, ports).map((task) => [task]);
}

export class TargetStates {
  readonly #targets: TargetStore;
  readonly #workers: WorkerStore;
  readonly #orders = new RecentlyUsed<SendingOrder>(MAX_ORDERS);
  #running: { at: number; tasks: Promise<Set<string>> } | undefined;

  constructor(targets: TargetStore, workers: WorkerStore) {
    this.#targets = targets;
    this.#workers = workers;
  }

  /** How far the submission is; undefined: nothing is kept of it. */
  sending(id: string): Promise<Sending | undefined> {
    return this.#targets.sending(id, LANES);
  }

  /** Its accepted addresses; undefined when there are none, or they are not kept any more. */
  async order({ id, total, state }: Sending): Promise<SendingOrder | undefined> {
    if (total === 0) return undefined;
    const known = this.#orders.get(id);
    if (known) return known;
    const set = await this.#targets.accepted(id);
    if (set === undefined) return undefined;
    const order = sendingOrder(id, set, total);
    // While it is planned it may still be decided anew.
    if (state !== 'planning' && order.size === total) this.#orders.set(id, order);
    return order;
  }

  /** What became of the accepted addresses with these indexes. `sending` must have been read before. */
  async of(sending: Sending, order: SendingOrder, indexes: readonly number[]): Promise<TargetOutcome[]> {
    const places = indexes.map((index) => placeOf(sending, order, index));
    const tasks = tasksOf(
      sending,
      places.map(({ ip }) => ip),
    );
    const asked = tasks.filter((_, index) => places[index]?.isTracked).flat();
    const running = asked.length === 0 ? new Set<string>() : await this.#runningTasks();
    const sentBatches = new Set(places.flatMap(({ batch, isSent }) => (isSent ? [batch] : [])));
    const marks = await this.#targets.marks(sending, {
      tasks: asked,
      ips: places.map(({ ip }) => ip),
      batches: [...sentBatches],
    });
    const droppedFrom = droppedSets(marks);
    return places.map((place, index) =>
      outcomeOf(place, { sending, marks, running, droppedFrom, tasks: tasks[index] ?? [] }),
    );
  }

  /** Before the tasks that are out: one that ends in between is done, and not queued. */
  #runningTasks(): Promise<Set<string>> {
    const now = Date.now();
    if (this.#running === undefined || now - this.#running.at > RUNNING_MS) {
      const tasks = this.#workers.runningTasks();
      this.#running = { at: now, tasks };
      tasks.catch(() => {
        this.#running = undefined;
      });
    }
    return this.#running.tasks;
  }
}

interface Place {
  address: Address;
  ip: string;
  batch: number;
  isTracked: boolean;
  isSent: boolean;
}

/** Whether the batch of the address with this index was sent. */
export function wasSent({ sentUpTo }: Sending, order: SendingOrder, index: number): boolean {
  return hasReached(sentUpTo, order.batchOf(index));
}

/** Within a lane a batch is marked before the next one exists. */
function hasReached(upTo: readonly number[], batch: number): boolean {
  return batch <= (upTo[batch % LANES] ?? -1);
}

function placeOf(sending: Sending, order: SendingOrder, index: number): Place {
  const address = order.at(index);
  const batch = order.batchOf(index);
  return {
    address,
    ip: formatAddress(address),
    batch,
    isTracked: hasReached(sending.tracked, batch),
    isSent: hasReached(sending.sentUpTo, batch),
  };
}

type DroppedFrom = Map<number, { reason: RefusalReason; set: AddressSet }[]>;

function droppedSets({ dropped }: TargetMarks): DroppedFrom {
  return new Map(
    [...dropped].map(([batch, rows]) => [
      batch,
      rows.map(({ reason, set }) => ({ reason, set: decode(set) })),
    ]),
  );
}

interface Known {
  sending: Sending;
  marks: TargetMarks;
  running: ReadonlySet<string>;
  droppedFrom: DroppedFrom;
  tasks: readonly string[];
}

function outcomeOf(place: Place, known: Known): TargetOutcome {
  const { state, reason } = stateOf(place, known);
  const hasTask = state === 'running' || (place.isSent && state !== 'dropped');
  return {
    target: place.ip,
    hostnames: known.marks.hostnames.get(place.ip) ?? [],
    state,
    reason: reason ?? null,
    task_id: hasTask ? (known.tasks[0] ?? null) : null,
  };
}

function stateOf(
  { address, batch, isSent }: Place,
  { sending, marks, running, droppedFrom, tasks }: Known,
): { state: TargetState; reason?: RefusalReason } {
  const out = tasks.filter((task) => marks.out.has(task));
  if (out.some((task) => running.has(task))) return { state: 'running' };
  // Between tracking and the mark of the batch it may be on its way already.
  if (!isSent) return { state: sending.state === 'stopped' ? 'stopped' : 'waiting' };
  if (out.length > 0) return { state: 'queued' };
  const row = droppedFrom.get(batch)?.find(({ set }) => has(set, address));
  if (row) return { state: 'dropped', reason: row.reason };
  if (marks.takenBack && has(marks.takenBack, address)) return { state: 'stopped' };
  return { state: 'done' };
}
