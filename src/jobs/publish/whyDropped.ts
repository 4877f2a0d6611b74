/** Why a target of a batch is dropped that names led to when it was planned. */
import type { RefusalDetail } from '../../model/refusal.ts';
import { NOT_ALLOWED } from '../../targets/scope/scope.ts';
import { firstOf } from '../firstOf.ts';
import type { Ground, Left, Refused, TargetVerdict } from './moveTerms.ts';

export function whyDropped(
  { target: { ip, hostnames, refusal, isListed }, left, isTakenOver }: TargetVerdict,
  { now }: Ground,
): Omit<Refused, 'target'> {
  if (refusal) return refusal;
  const leading = hostnames.map(now).filter((name) => name.leadsTo(ip));
  if (isTakenOver || (leading.length === 0 && !isListed)) return movedAway(hostnames, left);
  const refusals = leading.map((name) => name.refusal);
  return refusals.includes(undefined) ? NOT_ALLOWED : (refusals[0] ?? NOT_ALLOWED);
}

/** Names and addresses that are told of one target. */
const TOLD = 5;

function movedAway(hostnames: readonly string[], left: readonly Left[]): Omit<Refused, 'target'> {
  const moved = new Set(left.flatMap(({ moved: isMoved, to }) => (isMoved ? to : [])));
  const scanned = new Set(left.flatMap(({ to }) => to));
  const where =
    moved.size > 0
      ? `: moved to ${firstOf([...moved], TOLD)}`
      : scanned.size > 0
        ? `: leads to ${firstOf([...scanned], TOLD)}, scanned anyway`
        : '';
  const detail: RefusalDetail = {
    rule: 'dns',
    source: firstOf(hostnames, TOLD),
    entry: `no longer resolves to it${where}`,
  };
  return { reason: 'unresolvable', detail };
}
