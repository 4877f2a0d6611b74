/**
 * The targets of a submission, page by page: accepted ones, then those in the place of dropped ones, then refused ones by
 * reason, then names without an address.
 */
import { LRUCache } from 'lru-cache';
import type { DispatchState, TargetStore } from '../adapters/dispatch/targetStore.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../model/refusal.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import type { DispatchOrder } from '../targets/order/batches.ts';
import { type AddressIndex, addressIndex } from '../targets/sets/addressIndex.ts';
import { EMPTY } from '../targets/sets/addressSet.ts';
import { refusedTarget, type TargetOutcome, type TargetState } from './targetOutcome.ts';
import { placeOf } from './targetPlace.ts';
import type { TargetStates } from './targetStates.ts';

/** The parts of the list, in their order. */
export const TARGET_SECTIONS = ['accepted', 'moved', ...REFUSAL_REASONS, 'names'] as const;
type Section = (typeof TARGET_SECTIONS)[number];

/** A place in the list: `index` counts the targets of its section from 0. */
export interface TargetPlace {
  section: Section;
  index: number;
}

export interface TargetQuery {
  /** Where to begin; undefined: at the first target. */
  from?: TargetPlace;
  limit: number;
  state?: TargetState;
  reason?: RefusalReason;
}

export interface TargetPage {
  targets: TargetOutcome[];
  /** Where the next page begins; undefined: this is the last one. */
  next: TargetPlace | undefined;
}

/** Targets that are looked at together. */
const CHUNK = 500;
/** Targets that one page looks at before it ends, also with nothing found. */
const MOST_LOOKED_AT = 20_000;
/** Refused sets and lists of names, kept ready for whoever pages through one. Each may be of a million. */
const MAX_LISTS = 4;

/** A section: its length, and its targets from an index on. */
interface Source {
  size: number;
  read(from: number, count: number): Promise<TargetOutcome[]>;
}

export class TargetList {
  readonly #targets: TargetStore;
  readonly #states: TargetStates;
  readonly #refused = new LRUCache<string, Source>({ max: MAX_LISTS });

  constructor(targets: TargetStore, states: TargetStates) {
    this.#targets = targets;
    this.#states = states;
  }

  /**
   * Nothing beyond one page is held, and nothing is kept for the next one.
   * undefined: the project has no such submission, or it is not kept any more.
   */
  async page(project: string, id: string, query: TargetQuery): Promise<TargetPage | undefined> {
    const sending = await this.#states.dispatchState(id);
    if (sending?.project !== project) return undefined;
    const { from = { section: 'accepted', index: 0 }, limit } = query;
    const filtered = query.state !== undefined || query.reason !== undefined;
    const found: TargetOutcome[] = [];
    let looked = 0;
    for (const section of TARGET_SECTIONS.slice(TARGET_SECTIONS.indexOf(from.section))) {
      if (!mayHold(section, query, sending)) continue;
      const source = await this.#source(section, sending);
      if (source === undefined) return undefined;
      let index = section === from.section ? from.index : 0;
      while (index < source.size) {
        if (found.length === limit || looked >= MOST_LOOKED_AT)
          return { targets: found, next: { section, index } };
        const count = Math.min(source.size - index, filtered ? CHUNK : Math.min(CHUNK, limit - found.length));
        const outcomes = await source.read(index, count);
        for (const outcome of outcomes) {
          if (found.length === limit) break;
          if (matches(outcome, query)) found.push(outcome);
          index += 1;
          looked += 1;
        }
      }
    }
    return { targets: found, next: undefined };
  }

  /** undefined: the keys are gone. */
  async #source(section: Section, sending: DispatchState): Promise<Source | undefined> {
    if (section === 'accepted' || section === 'moved') {
      const order = await this.#states.order(sending);
      return order && (section === 'accepted' ? this.#accepted(sending, order) : this.#moved(sending, order));
    }
    const key = `${sending.id} ${section}`;
    const known = this.#refused.get(key);
    if (known) return known;
    const source =
      section === 'names' ? await this.#unresolved(sending) : await this.#refusedFor(section, sending);
    // While it is planned it may still be decided anew.
    if (sending.state !== 'planning') this.#refused.set(key, source);
    return source;
  }

  #accepted(sending: DispatchState, order: DispatchOrder): Source {
    return {
      size: order.size,
      read: async (from, count) => {
        const places = await this.#states.places(sending, order, addressesAt(order, from, count));
        return this.#states.outcomes(sending, places);
      },
    };
  }

  /** Those that were not planned; of a planned one it is said in its own place. */
  async #moved(sending: DispatchState, order: DispatchOrder): Promise<Source> {
    const places = [...(await this.#targets.moves(sending))].flatMap(([ip, move]) => {
      const address = parseAddress(ip);
      const isPlanned = address === undefined || order.indexOf(address) !== undefined;
      return isPlanned ? [] : [placeOf(sending, order, address, move)];
    });
    const family = (address: Address) => (typeof address === 'number' ? 0 : 1);
    places.sort((a, b) => family(a.address) - family(b.address) || (a.address < b.address ? -1 : 1));
    return {
      size: places.length,
      read: (from, count) => this.#states.outcomes(sending, places.slice(from, from + count)),
    };
  }

  async #unresolved({ id }: DispatchState): Promise<Source> {
    const names = await this.#targets.unresolvable(id);
    const read = async (from: number, count: number) =>
      names.slice(from, from + count).map((name) => refusedTarget(name, [name], 'unresolvable'));
    return { size: names.length, read };
  }

  async #refusedFor(reason: RefusalReason, sending: DispatchState): Promise<Source> {
    const refused = addressIndex((await this.#targets.refused(sending.id, reason)) ?? EMPTY);
    return {
      size: refused.size,
      read: async (from, count) => {
        const ips = addressesAt(refused, from, count).map(formatAddress);
        const names = await this.#targets.hostnames(sending, ips);
        return ips.map((ip) => refusedTarget(ip, names.get(ip) ?? [], reason));
      },
    };
  }
}

function addressesAt({ at }: AddressIndex, from: number, count: number): Address[] {
  return Array.from({ length: count }, (_, offset) => at(from + offset));
}

function matches(outcome: TargetOutcome, { state, reason }: TargetQuery): boolean {
  return (
    (state === undefined || outcome.state === state) && (reason === undefined || outcome.reason === reason)
  );
}

/** Whether the section can hold anything that is asked for. */
function mayHold(
  section: Section,
  { state, reason }: TargetQuery,
  { total, dropped, moved, failed }: DispatchState,
): boolean {
  if (state === 'failed' && failed === 0) return false;
  if (section === 'moved') return moved > 0 && state !== 'refused' && reason === undefined;
  if (section === 'accepted') {
    const onlyDropped = state === 'dropped' || reason !== undefined;
    return total > 0 && state !== 'refused' && (!onlyDropped || dropped > 0);
  }
  if (state !== undefined && state !== 'refused') return false;
  return reason === undefined || reason === (section === 'names' ? 'unresolvable' : section);
}
