/** Why an address or a name was scanned, or was not: worked out from what is kept of each submission. */

import type { SubmissionPlace } from '../adapters/submissions/index.ts';
import type { ResolvedName, SubmissionState, User } from '../model/submission.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import { entryHas, KEPT, parseEntry } from '../targets/entries/entry.ts';
import { type PlacedEntry, PlacedReader } from '../targets/entries/placedEntries.ts';
import { knownName } from '../targets/mergeNames.ts';
import { decodeResolved } from '../targets/resolutionCodec.ts';
import { decode, has } from '../targets/sets/addressSet.ts';
import {
  type ExplainedAddress,
  type ExplainedName,
  type ExplainServices,
  explainAddress,
  explainName,
} from './explainTarget.ts';
import { laterScope, plannedScope } from './planDetails.ts';

/** Submissions that one question looks at; the answer says where to go on. */
const LOOKED_AT = 100;
/** Entries and names that it looks through; after the submission with which they are more, the answer ends likewise. */
const LOOKED_THROUGH = 100_000;
/** Entries and addresses that are listed of one submission. */
const LISTED = 50;

/** What somebody asks about. */
export type Asked = { address: Address } | { name: string };

/** What one submission had to do with it. */
interface Explanation {
  submission: { id: string; state: SubmissionState; created_at: string; user: User };
  /** The entries that led to it; line and column from 1, item from 0. */
  entries: { entry: string; item: number; line: number; column: number }[];
  /** The names that led to it, or the name itself. */
  names: ExplainedName[];
  /** The address, or those of the name. */
  addresses: ExplainedAddress[];
}

/** Newest first. `next`: where to go on, when there are more submissions. */
export interface Explained {
  explanations: Explanation[];
  next: SubmissionPlace | undefined;
}

/** Every submission of the project that had to do with it. */
export async function explain(
  project: string,
  asked: Asked,
  after: SubmissionPlace | undefined,
  services: ExplainServices,
): Promise<Explained> {
  const places = await services.index.page(project, after, LOOKED_AT);
  const explanations: Explanation[] = [];
  const mayBeMore = places.length === LOOKED_AT;
  let through = 0;
  for (const [index, place] of places.entries()) {
    services.signal?.throwIfAborted();
    const { explanation, size } = await explainOne(place.id, asked, services);
    if (explanation) explanations.push(explanation);
    through += size;
    const isLast = index === places.length - 1 && !mayBeMore;
    if (through > LOOKED_THROUGH && !isLast) return { explanations, next: place };
  }
  return { explanations, next: mayBeMore ? places.at(-1) : undefined };
}

/** Without an explanation: the submission had nothing to do with it, or nothing is kept of it. */
async function explainOne(
  id: string,
  asked: Asked,
  services: ExplainServices,
): Promise<{ explanation?: Explanation; size: number }> {
  const { view, states, plans, targetStore, signal } = services;
  const progress = await view.progress(id);
  const sending = await states.dispatchState(id);
  if (progress === undefined || sending === undefined) return { size: 0 };
  const found = await plans.found(id, signal);
  const resolved = found.resolved.flatMap(decodeResolved);
  const size = progress.summary.provided + resolved.length;
  const ip = 'address' in asked ? formatAddress(asked.address) : '';
  const move = 'address' in asked ? (await targetStore.movesOf(sending, [ip])).get(ip) : undefined;
  const isAbout = ([name, resolution]: ResolvedName): boolean => {
    if ('name' in asked) return name === asked.name;
    // Names that have a task at the address in the place of another one did not lead there yet.
    return move?.names.includes(name) || ('addresses' in resolution && resolution.addresses.includes(ip));
  };
  const names = resolved.filter(isAbout).slice(0, LISTED);
  const isListed = 'address' in asked && has(decode(found.expanded), asked.address);
  if (names.length === 0 && !isListed) return { size };
  const addresses = 'address' in asked ? [asked.address] : await addressesOf(id, asked.name, names, services);
  const scope = await plannedScope(id, found, services);
  const later = await laterScope(id, found, services);
  const explained: ExplainedAddress[] = [];
  for (const address of addresses.slice(0, LISTED)) {
    signal?.throwIfAborted();
    explained.push(...(await explainAddress(sending, address, { scope, later }, services)));
  }
  const { state, createdAt, user } = progress;
  const explanation = {
    submission: { id, state, created_at: createdAt, user },
    entries: await entriesFor(id, asked, new Set(names.map(([name]) => name)), services),
    names: names.map((name) => explainName(name, scope)),
    addresses: explained,
  };
  return { explanation, size };
}

/** Those that the name was planned with, and those that its tasks moved to. */
async function addressesOf(
  id: string,
  name: string,
  names: readonly ResolvedName[],
  { targetStore }: ExplainServices,
): Promise<Address[]> {
  const planned = names.flatMap(([, each]) => knownName(each).addresses);
  const moved = await targetStore.movedTo(id, name, planned.map(formatAddress));
  return [...new Set([...planned, ...moved.flatMap((ip) => parseAddress(ip) ?? [])])];
}

async function entriesFor(
  id: string,
  asked: Asked,
  names: ReadonlySet<string>,
  { plans, view, signal }: ExplainServices,
): Promise<Explanation['entries']> {
  const networkAndBroadcast = await view.networkAndBroadcast(id);
  const covers = ({ text }: PlacedEntry): boolean => {
    const parsed = parseEntry(text, KEPT);
    if (!parsed.ok) return false;
    if (parsed.entry.kind === 'name') return names.has(parsed.entry.name);
    if ('name' in asked) return false;
    const { address } = asked;
    return entryHas(parsed.entry, address, { networkAndBroadcast });
  };
  const reader = new PlacedReader();
  const entries: Explanation['entries'] = [];
  for await (const lines of plans.entries(id)) {
    signal?.throwIfAborted();
    for (const placed of reader.read(lines)) {
      if (!covers(placed)) continue;
      const { text, item, line, column } = placed;
      if (entries.push({ entry: text, item, line, column }) === LISTED) return entries;
    }
  }
  return entries;
}
