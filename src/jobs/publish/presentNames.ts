import type { Lookup } from '../../adapters/dispatch/batchStore.ts';
import { isFinal, sorted, withEarlier } from '../../adapters/dns/resolution.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { Answer, Resolution } from '../../model/resolution.ts';
import { lookupUntil } from '../../targets/mergeNames.ts';
import type { StageContext } from '../runner/stage.ts';

/** How often a name is asked for before it counts as leading elsewhere: some tell a few of their addresses at a time. */
const ASKED_AT_MOST = 3;

/** What is asked of the names of a batch. */
export interface Wanted {
  /** name -> the planned addresses that it should lead to */
  planned: ReadonlyMap<string, readonly string[]>;
  /** Names that must be looked up if that was not done since the plan, however young that is. */
  unsettled: ReadonlySet<string>;
}

/**
 * What is known of the names, after those whose time is over were looked up again. One that does not tell a planned
 * address is asked up to three times, and what all answers tell counts.
 *
 * @throws ServiceUnavailableError when no DNS server answers
 */
export async function presentLookups(
  { id, options: { ip_version: ipVersion = '4' } }: SubmissionFacts,
  { planned, unsettled }: Wanted,
  { batches, resolver, now, signal }: StageContext,
): Promise<Map<string, Lookup>> {
  if (planned.size === 0) return new Map();
  const lookups = await batches.lookups(id, [...planned.keys()]);
  const renewed = new Map<string, Lookup>();
  const ask = async (
    names: readonly string[],
    read: (resolution: Resolution, before: Lookup | undefined) => Lookup | undefined,
  ) => {
    if (names.length === 0) return;
    for (const [name, resolution] of await resolver.resolve(names, { ipVersion, fresh: true }, signal)) {
      const lookup = read(resolution, lookups.get(name));
      if (lookup === undefined) continue;
      renewed.set(name, lookup);
      lookups.set(name, lookup);
    }
  };
  const isOver = (name: string) => {
    const { until = 0, addresses } = lookups.get(name) ?? {};
    return until <= now() || (addresses === undefined && unsettled.has(name));
  };
  const lacking = () => [...planned].flatMap(([name, ips]) => (lacks(lookups.get(name), ips) ? [name] : []));
  await ask([...planned.keys()].filter(isOver), (resolution) => firstLookup(resolution, now()));
  for (let names = lacking(); names.length > 0; names = lacking()) await ask(names, furtherLookup);
  await batches.saveLookups(id, renewed);
  return lookups;
}

/** Whether the name leads to a planned address, as far as is known: a family that is not answered may still hold it. */
export function leadsTo(lookup: Lookup | undefined, ip: string): boolean {
  if (lookup?.addresses === undefined || lookup.addresses.includes(ip)) return true;
  return lookup.unanswered?.family === (ip.includes(':') ? '6' : '4');
}

/** Whether a planned address is missing that a further answer may tell. */
function lacks(lookup: Lookup | undefined, ips: readonly string[]): boolean {
  if (!lookup?.addresses?.length || (lookup.asked ?? 1) >= ASKED_AT_MOST) return false;
  return ips.some((ip) => !leadsTo(lookup, ip));
}

/** undefined: what was known goes on counting, because what went wrong may be a passing trouble. */
function firstLookup(resolution: Resolution, nowMs: number): Lookup | undefined {
  if (!('failure' in resolution)) return lookupOf(resolution, 1);
  if (!isFinal(resolution)) return undefined;
  return { until: lookupUntil({ atMs: nowMs, ttlS: 0 }), addresses: [] };
}

/** An answer that fails tells nothing more, and counts as one. */
function furtherLookup(resolution: Resolution, before: Lookup | undefined): Lookup | undefined {
  if (before?.addresses === undefined) return undefined;
  const asked = (before.asked ?? 1) + 1;
  if ('failure' in resolution) return { ...before, asked };
  const { addresses, chain = [], unanswered } = before;
  return lookupOf(withEarlier(resolution, { addresses, chain, unanswered }), asked);
}

function lookupOf(resolution: Answer, asked: number): Lookup {
  const { addresses, chain, unanswered } = resolution;
  return {
    until: lookupUntil(resolution),
    addresses: sorted(addresses),
    chain,
    asked,
    ...(unanswered && { unanswered }),
  };
}
