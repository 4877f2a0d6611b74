/** A last look at the targets of a batch before they are sent: rules and names may have changed since they were planned. */
import type { DroppedTargets, Lookup } from '../adapters/batchStore.ts';
import type { RefusalReason } from '../adapters/submission.ts';
import type { SubmissionFacts } from '../adapters/submissionFacts.ts';
import type { Address } from '../targets/address.ts';
import { fromRanges, has, singleAddress } from '../targets/addressSet.ts';
import { encode } from '../targets/addressSetText.ts';
import type { RefusalDetail } from '../targets/rules.ts';
import { NOT_ALLOWED, type Refusal, type Scope } from '../targets/scope.ts';
import { knownName, lookupUntil } from './foundTargets.ts';
import type { StageContext } from './stage.ts';

export interface Target {
  address: Address;
  ip: string;
  hostnames: readonly string[];
}

interface Refused {
  address: Address;
  reason: RefusalReason;
  detail: RefusalDetail;
}

/** DNS says for certain that the name has no address any more; anything else may be a passing trouble. */
const GONE: ReadonlySet<string> = new Set(['nxdomain', 'nodata', 'badname', 'cname_loop', 'cname_too_long']);

/**
 * Which targets are still to be scanned. What the scope rules refuse by now is dropped, and so is an address that its
 * names no longer lead to, unless it is a target by itself.
 *
 * @throws AwayError when the rules cannot be read, or no DNS server answers
 * @throws ScopeError when the rules cannot be applied
 */
export async function sendCheck(
  facts: SubmissionFacts,
  targets: readonly Target[],
  context: StageContext,
): Promise<{ kept: Target[]; dropped: DroppedTargets[] }> {
  const scope = await context.sendScope.of(facts, context.signal);
  const refused: Refused[] = [];
  const inScope = targets.filter(({ address }) => {
    const refusal = scope.allows(address) ? undefined : scope.judge(address);
    if (refusal) refused.push({ address, ...refusal });
    return refusal === undefined;
  });
  const kept = await withPresentNames(facts, inScope, refused, { scope, ...context });
  return { kept, dropped: grouped(refused) };
}

/** Leaves out names that lead elsewhere or may not be used by now, and the addresses that are no target without them. */
async function withPresentNames(
  facts: SubmissionFacts,
  targets: readonly Target[],
  refused: Refused[],
  { scope, ...context }: StageContext & { scope: Scope },
): Promise<Target[]> {
  const names = [...new Set(targets.flatMap(({ hostnames }) => hostnames))];
  if (names.length === 0) return [...targets];
  const lookups = await presentLookups(facts, names, context);
  const leadsTo = (name: string, ip: string) => lookups.get(name)?.addresses?.includes(ip) ?? true;
  const excluded = excludedByNow(lookups, scope);
  const kept: Target[] = [];
  for (const target of targets) {
    const { address, ip } = target;
    const leading = target.hostnames.filter((name) => leadsTo(name, ip));
    const hostnames = leading.filter((name) => !excluded.has(name));
    const isTarget =
      hostnames.length > 0 ||
      target.hostnames.length === 0 ||
      has(await context.targets.listed(facts.id), address);
    if (!isTarget) refused.push({ address, ...(excluded.get(leading[0] ?? '') ?? movedAway(target)) });
    else if (hostnames.length < target.hostnames.length && !scope.isAllowlisted(address, hostnames))
      refused.push({ address, ...NOT_ALLOWED });
    else kept.push({ ...target, hostnames });
  }
  return kept;
}

/** The names that were looked up again and fall under an exclusion by what they are now. */
function excludedByNow(lookups: ReadonlyMap<string, Lookup>, scope: Scope): Map<string, Refusal> {
  const excluded = new Map<string, Refusal>();
  for (const [name, lookup] of lookups) {
    const refusal = lookup.addresses && scope.judgeName(name, knownName(lookup));
    if (refusal) excluded.set(name, refusal);
  }
  return excluded;
}

/** What is known of the names, after those whose time is over were looked up again. */
async function presentLookups(
  { id, options }: SubmissionFacts,
  names: readonly string[],
  { batches, resolver, signal }: StageContext,
): Promise<Map<string, Lookup>> {
  const lookups = await batches.lookups(id, names);
  const now = Date.now();
  const over = names.filter((name) => (lookups.get(name)?.until ?? 0) <= now);
  if (over.length === 0) return lookups;
  const found = await resolver.resolve(over, { ipVersion: options.ip_version ?? '4', fresh: true }, signal);
  const renewed = new Map<string, Lookup>();
  for (const [name, resolution] of found) {
    if (!('failure' in resolution)) {
      const { addresses, chain } = resolution;
      renewed.set(name, { until: lookupUntil(resolution), addresses, chain });
    } else if (GONE.has(resolution.failure)) {
      renewed.set(name, { until: lookupUntil({ atMs: now, ttlS: 0 }), addresses: [] });
    }
  }
  await batches.saveLookups(id, renewed);
  return new Map([...lookups, ...renewed]);
}

function movedAway({ hostnames }: Target): Omit<Refused, 'address'> {
  const names = hostnames.slice(0, 5).join(', ');
  const more = hostnames.length > 5 ? ` and ${hostnames.length - 5} more` : '';
  const detail: RefusalDetail = {
    rule: 'dns',
    source: `${names}${more}`,
    entry: 'no longer resolves to it',
  };
  return { reason: 'unresolvable', detail };
}

/** One row for each rule, with the set of its addresses: short, whatever was dropped. */
function grouped(refused: readonly Refused[]): DroppedTargets[] {
  const rows = new Map<string, { reason: RefusalReason; detail: RefusalDetail; addresses: Address[] }>();
  for (const { address, reason, detail } of refused) {
    const key = JSON.stringify([reason, detail]);
    const row = rows.get(key);
    if (row) row.addresses.push(address);
    else rows.set(key, { reason, detail, addresses: [address] });
  }
  return [...rows.values()].map(({ addresses, ...row }) => {
    return { ...row, set: encode(fromRanges(addresses.map(singleAddress))), count: addresses.length };
  });
}
