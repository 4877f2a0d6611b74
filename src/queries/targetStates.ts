/**
 * What became of the accepted addresses of a submission. Nothing is kept per address: it follows from the order in
 * which they are sent, from how far the lanes are, and from the tasks that are out.
 */
import { LRUCache } from 'lru-cache';
import type { DispatchState, TargetMarks, TargetStore } from '../adapters/dispatch/targetStore.ts';
import type { WorkerStore } from '../adapters/workers/workerStore.ts';
import { tasksOf } from '../jobs/taskIds.ts';
import type { RefusalReason } from '../model/refusal.ts';
import { type Address, formatAddress } from '../targets/address/address.ts';
import { type DispatchOrder, dispatchOrder, LANES } from '../targets/order/batches.ts';
import { type AddressSet, has } from '../targets/sets/addressSet.ts';
import { decode } from '../targets/sets/addressSetCodec.ts';
import type { TargetOutcome, TargetState } from './targetOutcome.ts';
import { type PartPlace, type Place, placeOf } from './targetPlace.ts';

/** Accepted sets kept ready: who pages through one asks for it again and again. */
const MAX_ORDERS = 3;

export class TargetStates {
  readonly #targets: TargetStore;
  readonly #workers: WorkerStore;
  readonly #orders = new LRUCache<string, DispatchOrder>({ max: MAX_ORDERS });

  constructor(targets: TargetStore, workers: WorkerStore) {
    this.#targets = targets;
    this.#workers = workers;
  }

  /** How far the submission is; undefined: nothing is kept of it. */
  dispatchState(id: string): Promise<DispatchState | undefined> {
    return this.#targets.dispatchState(id, LANES);
  }

  /** Its accepted addresses; undefined when there are none, or they are not kept any more. */
  async order({ id, targets, total, state }: DispatchState): Promise<DispatchOrder | undefined> {
    if (total === 0) return undefined;
    const known = this.#orders.get(id);
    if (known) return known;
    const set = await this.#targets.accepted(id);
    if (set === undefined) return undefined;
    const order = dispatchOrder(id, set, { targets, total });
    // While it is planned it may still be decided anew.
    if (state !== 'planning' && order.size === targets) this.#orders.set(id, order);
    return order;
  }

  /** With which batches these addresses leave. */
  async places(
    sending: DispatchState,
    order: DispatchOrder,
    addresses: readonly Address[],
  ): Promise<Place[]> {
    const moves = await this.#targets.movesOf(sending, addresses.map(formatAddress));
    return addresses.map((address) => placeOf(sending, order, address, moves.get(formatAddress(address))));
  }

  /** What became of addresses that have tasks. `sending` must have been read before. */
  async outcomes(sending: DispatchState, places: readonly Place[]): Promise<TargetOutcome[]> {
    const tasks = tasksOf(
      sending,
      places.map(({ ip }) => ip),
    );
    const asked = tasks.filter((_, index) => places[index]?.isTracked).flat();
    // Before the tasks that are out: one that ends in between is done, and not queued.
    const running = asked.length === 0 ? new Set<string>() : await this.#workers.runningTasks();
    const sentBatches = new Set(
      places.flatMap(({ parts }) => parts.filter(({ isSent }) => isSent)).map(({ batch }) => batch),
    );
    const marks = await this.#targets.marks(sending, {
      tasks: asked,
      ips: places.map(({ ip }) => ip),
      batches: [...sentBatches],
    });
    const dropped = [...marks.dropped].map(([batch, rows]) => {
      return [batch, rows.map(({ reason, set }) => ({ reason, set: decode(set) }))] as const;
    });
    const known = { sending, marks, running, droppedFrom: new Map(dropped) };
    return places.map((place, index) => outcomeOf(place, { ...known, tasks: tasks[index] ?? [] }));
  }
}

interface Known {
  sending: DispatchState;
  marks: TargetMarks;
  running: ReadonlySet<string>;
  /** By batch. */
  droppedFrom: ReadonlyMap<number, readonly { reason: RefusalReason; set: AddressSet }[]>;
  tasks: readonly string[];
}

/** Least advanced first: a target is as far as the last of its tasks; one that runs says so. */
const RANKS: readonly TargetState[] = [
  'running',
  'waiting',
  'queued',
  'failed',
  'stopped',
  'dropped',
  'done',
];

function outcomeOf(place: Place, known: Known): TargetOutcome {
  const states = place.parts.map((each) => ({ ...each, ...stateOf(place, each, known) }));
  const { state, reason, part, isSent } = states.reduce((a, b) =>
    RANKS.indexOf(b.state) < RANKS.indexOf(a.state) ? b : a,
  );
  const hasTask = state === 'running' || (isSent && state !== 'dropped');
  const { ip, move } = place;
  const task = known.tasks[part] ?? '';
  const starts = known.marks.failed.get(task)?.map(({ worker, at }) => {
    return { worker, started_at: new Date(1_000 * at).toISOString() };
  });
  return {
    target: ip,
    hostnames: move ? [...move.names].sort() : (known.marks.hostnames.get(ip) ?? []),
    state,
    reason: reason ?? null,
    task_id: hasTask ? task || null : null,
    ...(state === 'failed' && starts && { starts }),
    ...(move && { moved_from: move.from }),
  };
}

function stateOf(
  { address, move }: Place,
  { part, batch, isSent }: PartPlace,
  { sending, marks, running, droppedFrom, tasks }: Known,
): { state: TargetState; reason?: RefusalReason } {
  const task = tasks[part] ?? '';
  const isOut = marks.out.has(task);
  if (isOut && running.has(task)) return { state: 'running' };
  // Between tracking and the mark of the batch it may be on its way already.
  if (!isSent) return { state: sending.state === 'stopped' ? 'stopped' : 'waiting' };
  if (isOut) return { state: 'queued' };
  if (marks.failed.has(task)) return { state: 'failed' };
  // Of one that was taken back or dropped its worker may not have ended it yet.
  if (marks.again.has(task) && running.has(task)) return { state: 'running' };
  if (marks.again.has(task)) return { state: sending.state === 'stopped' ? 'stopped' : 'waiting' };
  // One that was dropped before another name's task moved there was not dropped after all.
  const row = move ? undefined : droppedFrom.get(batch)?.find(({ set }) => has(set, address));
  if (row && running.has(task)) return { state: 'running' };
  if (row) return { state: 'dropped', reason: row.reason };
  if (marks.takenBack && has(marks.takenBack, address)) return { state: 'stopped' };
  return { state: 'done' };
}
