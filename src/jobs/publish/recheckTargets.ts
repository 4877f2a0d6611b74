/** A last look at the targets of a batch before they are sent: rules and names may have changed since they were planned. */
import type { DroppedTargets } from '../../adapters/dispatch/batchStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { Address } from '../../targets/address/address.ts';
import { setOf } from '../../targets/mergeNames.ts';
import { encode } from '../../targets/sets/addressSet.ts';
import type { StageContext } from '../runner/stage.ts';
import type { Checked, Judged, Refused, Target } from './moveTerms.ts';
import { checkNamed } from './namedTargets.ts';

/**
 * Which targets are still to be scanned. What the scope rules refuse by now is dropped, and so is an address that its
 * names no longer lead to, unless it is a target by itself. A name that leads elsewhere takes its task along.
 *
 * @throws ServiceUnavailableError when the rules cannot be read, or no DNS server answers
 * @throws ScopeError when the rules cannot be applied
 */
export async function recheckTargets(
  facts: SubmissionFacts,
  targets: readonly Target[],
  context: StageContext,
): Promise<Checked> {
  const scope = await context.scopeCache.of(facts, context.signal);
  const kept: Target[] = [];
  const refused: Refused[] = [];
  const named: Judged[] = [];
  for (const target of targets) {
    const refusal = scope.allows(target.address) ? undefined : scope.judge(target.address);
    if (target.hostnames.length > 0) named.push({ ...target, refusal });
    else if (refusal === undefined) kept.push(target);
    else refused.push({ target, ...refusal });
  }
  const byName = await checkNamed(facts, named, scope, context);
  return {
    kept: [...kept, ...byName.kept],
    moved: byName.moved,
    refused: [...refused, ...byName.refused],
    withdrawn: [...refused.map(({ target }) => target), ...byName.withdrawn],
  };
}

/** One row for each rule, with the set of its addresses: short, whatever was dropped. */
export function grouped(refused: readonly Refused[]): DroppedTargets[] {
  const rows = new Map<string, Omit<Refused, 'target'> & { addresses: Address[] }>();
  for (const { target, reason, detail } of refused) {
    const key = JSON.stringify([reason, detail]);
    const row = rows.get(key);
    if (row) row.addresses.push(target.address);
    else rows.set(key, { reason, detail, addresses: [target.address] });
  }
  return [...rows.values()].map(({ addresses, ...row }) => {
    return { ...row, set: encode(setOf(addresses)), count: addresses.length };
  });
}
