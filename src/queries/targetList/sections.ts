/** The parts of the list of targets: each numbers its targets, reads some of them, and finds those somebody looks for. */
import { LRUCache } from 'lru-cache';
import type { DispatchState, TargetStore } from '../../adapters/dispatch/targetStore.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../../model/refusal.ts';
import { type Address, formatAddress, parseAddress } from '../../targets/address/address.ts';
import type { DispatchOrder } from '../../targets/order/batches.ts';
import { type AddressIndex, addressIndex } from '../../targets/sets/addressIndex.ts';
import { type AddressSet, EMPTY, fromRanges, singleAddress, union } from '../../targets/sets/addressSet.ts';
import type { Intervals } from '../../targets/sets/intervals.ts';
import { placesIn, placesOf, type TargetSearch } from '../../targets/targetSearch.ts';
import { refusedTarget, type TargetOutcome } from '../targetOutcome.ts';
import { placeOf } from '../targetPlace.ts';
import type { TargetStates } from '../targetStates.ts';

/** In their order. */
export const TARGET_SECTIONS = ['accepted', 'moved', ...REFUSAL_REASONS, 'names'] as const;
export type SectionName = (typeof TARGET_SECTIONS)[number];

/** Refused sets and lists of names, kept ready for whoever pages through one. Each may be of a million. */
const MAX_LISTS = 4;
interface Source {
  size: number;
  /** The targets at these indexes, ascending. */
  read(indexes: readonly number[]): Promise<TargetOutcome[]>;
  /** Where those are that may fit. `addresses`: all that may, of any section. */
  find(search: TargetSearch, addresses: AddressSet): Intervals<number>;
}

/** A section as somebody wants it: the indexes that are to be looked at, as ranges. */
export interface Section extends Pick<Source, 'read'> {
  wanted: Intervals<number>;
}

/** What a search came to. */
interface Found {
  addresses: AddressSet;
  wanted: Map<SectionName, Intervals<number>>;
}

export class TargetSections {
  readonly #targets: TargetStore;
  readonly #states: TargetStates;
  readonly #refused = new LRUCache<string, Source>({ max: MAX_LISTS });
  readonly #found = new LRUCache<string, Found>({ max: MAX_LISTS });

  constructor(targets: TargetStore, states: TargetStates) {
    this.#targets = targets;
    this.#states = states;
  }

  /** undefined: the keys are gone. */
  async section(
    name: SectionName,
    sending: DispatchState,
    search: TargetSearch | undefined,
  ): Promise<Section | undefined> {
    const source = await this.#source(name, sending);
    if (source === undefined || search === undefined)
      return source && { ...source, wanted: [0, source.size] };
    const found = await this.#find(sending, search);
    const wanted = found.wanted.get(name) ?? source.find(search, found.addresses);
    found.wanted.set(name, wanted);
    return { ...source, wanted };
  }

  async #find(sending: DispatchState, search: TargetSearch): Promise<Found> {
    const key = JSON.stringify([sending.id, sending.moved, search.text]);
    const known = this.#found.get(key);
    if (known) return known;
    const found: Found = { addresses: await this.#addresses(sending, search), wanted: new Map() };
    // While it is planned it may still be decided anew.
    if (sending.state !== 'planning') this.#found.set(key, found);
    return found;
  }

  async #source(name: SectionName, sending: DispatchState): Promise<Source | undefined> {
    if (name === 'accepted' || name === 'moved') {
      const order = await this.#states.order(sending);
      return order && (name === 'accepted' ? this.#accepted(sending, order) : this.#moved(sending, order));
    }
    const key = `${sending.id} ${name}`;
    const known = this.#refused.get(key);
    if (known) return known;
    const source = name === 'names' ? await this.#unresolved(sending) : await this.#refusedFor(name, sending);
    if (sending.state !== 'planning') this.#refused.set(key, source);
    return source;
  }

  #accepted(sending: DispatchState, order: DispatchOrder): Source {
    return {
      size: order.size,
      read: async (indexes) => {
        const places = await this.#states.places(sending, order, indexes.map(order.at));
        return this.#states.outcomes(sending, places);
      },
      find: (_, addresses) => placesIn(order, addresses),
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
      read: (indexes) => this.#states.outcomes(sending, at(places, indexes)),
      find: () => [0, places.length],
    };
  }

  async #unresolved({ id }: DispatchState): Promise<Source> {
    const names = await this.#targets.unresolvable(id);
    return {
      size: names.length,
      read: async (indexes) => at(names, indexes).map((name) => refusedTarget(name, [name], 'unresolvable')),
      find: ({ part }) =>
        placesOf(names.flatMap((name, index) => (part !== undefined && name.includes(part) ? index : []))),
    };
  }

  async #refusedFor(reason: RefusalReason, sending: DispatchState): Promise<Source> {
    const refused: AddressIndex = addressIndex((await this.#targets.refused(sending.id, reason)) ?? EMPTY);
    return {
      size: refused.size,
      read: async (indexes) => {
        const ips = indexes.map(refused.at).map(formatAddress);
        const names = await this.#targets.hostnames(sending, ips);
        return ips.map((ip) => refusedTarget(ip, names.get(ip) ?? [], reason));
      },
      find: (_, addresses) => placesIn(refused, addresses),
    };
  }

  /** What may fit: also whatever had such a name before it moved, and what has it now. */
  async #addresses(sending: DispatchState, { addresses, part }: TargetSearch): Promise<AddressSet> {
    if (part === undefined) return addresses;
    const named = await this.#targets.addressesNamed(sending, part);
    for (const [ip, { names }] of await this.#targets.moves(sending))
      if ([...names].some((name) => name.includes(part))) named.add(ip);
    const ranges = [...named].flatMap((ip) => {
      const address = parseAddress(ip);
      return address === undefined ? [] : [singleAddress(address)];
    });
    return union(addresses, fromRanges(ranges));
  }
}

function at<T>(list: readonly T[], indexes: readonly number[]): T[] {
  return indexes.flatMap((index) => list[index] ?? []);
}
