/**
 * The targets of a submission, page by page: accepted ones, then those in the place of dropped ones, then refused ones by
 * reason, then names without an address.
 */
import type { DispatchState, TargetStore } from '../../adapters/dispatch/targetStore.ts';
import type { RefusalReason } from '../../model/refusal.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { has } from '../../targets/sets/addressSet.ts';
import { countUpTo, type Intervals } from '../../targets/sets/intervals.ts';
import type { TargetSearch } from '../../targets/targetSearch.ts';
import type { TargetOutcome, TargetState } from '../targetOutcome.ts';
import type { TargetStates } from '../targetStates.ts';
import { type SectionName, TARGET_SECTIONS, TargetSections } from './sections.ts';

/** A place in the list: `index` counts the targets of its section from 0. */
export interface TargetPlace {
  section: SectionName;
  index: number;
}

export interface TargetQuery {
  /** Where to begin; undefined: at the first target. */
  from?: TargetPlace;
  limit: number;
  state?: TargetState;
  reason?: RefusalReason;
  search?: TargetSearch;
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

export class TargetList {
  readonly #states: TargetStates;
  readonly #sections: TargetSections;

  constructor(targets: TargetStore, states: TargetStates) {
    this.#states = states;
    this.#sections = new TargetSections(targets, states);
  }

  /**
   * Of the targets nothing beyond one page is held.
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
      const source = await this.#sections.section(section, sending, query.search);
      if (source === undefined) return undefined;
      const { wanted, read } = source;
      let index = nextIn(wanted, section === from.section ? from.index : 0);
      while (index !== undefined) {
        if (found.length === limit || looked >= MOST_LOOKED_AT)
          return { targets: found, next: { section, index } };
        const indexes = take(wanted, index, filtered ? CHUNK : Math.min(CHUNK, limit - found.length));
        for (const [nth, outcome] of (await read(indexes)).entries()) {
          if (found.length === limit) break;
          if (matches(outcome, query)) found.push(outcome);
          index = (indexes[nth] ?? 0) + 1;
          looked += 1;
        }
        index = nextIn(wanted, index);
      }
    }
    return { targets: found, next: undefined };
  }
}

/** The first number at or behind one that is in these ranges. */
function nextIn(ranges: Intervals<number>, from: number): number | undefined {
  const passed = countUpTo(ranges, from);
  return passed % 2 === 1 ? from : ranges[passed];
}

/** Up to so many numbers of these ranges, ascending. */
function take(ranges: Intervals<number>, from: number, count: number): number[] {
  const numbers: number[] = [];
  let next = nextIn(ranges, from);
  while (next !== undefined && numbers.length < count) {
    numbers.push(next);
    next = nextIn(ranges, next + 1);
  }
  return numbers;
}

function matches(outcome: TargetOutcome, { state, reason, search }: TargetQuery): boolean {
  return (
    (state === undefined || outcome.state === state) &&
    (reason === undefined || outcome.reason === reason) &&
    (search === undefined || fits(outcome, search))
  );
}

/** Names may have changed since the search began. */
function fits({ target, hostnames }: TargetOutcome, { addresses, part }: TargetSearch): boolean {
  const address = parseAddress(target);
  if (address !== undefined && has(addresses, address)) return true;
  return part !== undefined && hostnames.some((name) => name.includes(part));
}

/** Whether the section can hold anything that is asked for. */
function mayHold(
  section: SectionName,
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
