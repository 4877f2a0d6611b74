/** Which names and addresses of a submission a question is about. */
import type { DispatchState } from '../../adapters/dispatch/targetStore.ts';
import type { Found } from '../../adapters/submissions/planStore.ts';
import type { ResolvedName } from '../../model/submission.ts';
import { type Address, formatAddress, parseAddress } from '../../targets/address/address.ts';
import { knownName } from '../../targets/mergeNames.ts';
import {
  type AddressRange,
  decode,
  EMPTY,
  fromRanges,
  intersect,
  isEmpty,
  singleAddress,
} from '../../targets/sets/addressSet.ts';
import { leadsInto, onlyAddress } from './asked.ts';
import { countDecisions, firstOf, type NetworkDecisions, type Refused } from './decisions.ts';
import type { ExplainServices } from './explainTargets.ts';

/** Names and addresses that are listed of one submission, each. */
const LISTED = 50;

export interface About {
  names: ResolvedName[];
  addresses: Address[];
  refused: Refused;
  /** Of more than one address: what was decided about all of them. */
  network?: NetworkDecisions;
}

interface Sources {
  sending: DispatchState;
  found: Found;
  resolved: readonly ResolvedName[];
}

/** undefined: the submission had nothing to do with it. */
export async function aboutName(
  name: string,
  { sending: { id }, resolved }: Sources,
  { targetStore }: ExplainServices,
): Promise<About | undefined> {
  const names = resolved.filter(([each]) => each === name);
  if (names.length === 0) return undefined;
  const planned = names.flatMap(([, each]) => knownName(each).addresses);
  const moved = await targetStore.movedTo(id, name, planned.map(formatAddress));
  const all = [...new Set([...planned, ...moved.flatMap((ip) => parseAddress(ip) ?? [])])];
  const refused = await targetStore.refusedWithin(id, fromRanges(all.map(singleAddress)));
  return { names, addresses: all.slice(0, LISTED), refused };
}

/** undefined: the submission had nothing to do with it. */
export async function aboutRange(
  range: AddressRange,
  { sending, found, resolved }: Sources,
  { targetStore }: ExplainServices,
): Promise<About | undefined> {
  const { id } = sending;
  const asked = fromRanges([range]);
  const only = onlyAddress(range);
  const moves = await (only === undefined
    ? targetStore.moves(sending)
    : targetStore.movesOf(sending, [formatAddress(only)]));
  const into = [...moves].filter(([ip]) => leadsInto(range, ip));
  // They did not lead there yet when they were looked up.
  const moved = new Set(into.flatMap(([, move]) => move.names));
  const names = resolved.filter(([name, each]) => {
    return moved.has(name) || ('addresses' in each && each.addresses.some((ip) => leadsInto(range, ip)));
  });
  if (names.length === 0 && isEmpty(intersect(decode(found.expanded), asked))) return undefined;
  const refused = await targetStore.refusedWithin(id, asked);
  const listed = names.slice(0, LISTED);
  if (only !== undefined) return { names: listed, addresses: [only], refused };
  const accepted = intersect((await targetStore.accepted(id)) ?? EMPTY, asked);
  const notPlanned = into.flatMap(([ip]) => parseAddress(ip) ?? []);
  const addresses = [...new Set([...notPlanned, ...firstOf(accepted, refused, LISTED)])];
  return {
    names: listed,
    addresses: addresses.slice(0, LISTED),
    refused,
    network: countDecisions(accepted, refused),
  };
}
