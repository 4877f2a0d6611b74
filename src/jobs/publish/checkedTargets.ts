/** The targets of a batch as they are checked before they are sent, and why one is dropped. */
import type { RefusalDetail, RefusalReason } from '../../model/refusal.ts';
import type { Address } from '../../targets/address/address.ts';
import { NOT_ALLOWED, type Refusal } from '../../targets/scope/scope.ts';
import type { Left, NameNow, TargetVerdict } from './moveTerms.ts';

export interface Target {
  address: Address;
  ip: string;
  hostnames: readonly string[];
  /** Those of its parts that are in the batch. */
  parts: readonly number[];
}

export type MovedTarget = Target & { from: string };
/** `refusal`: why the address itself may not be scanned any more. */
export type Judged = Target & { refusal: Refusal | undefined };

export interface Refused {
  target: Target;
  reason: RefusalReason;
  detail: RefusalDetail;
}

/** Of a name that nothing newer is known of than the plan. */
export const UNKNOWN: NameNow = { leadsTo: () => true, open: [] };

export function whyDropped(
  { ip, hostnames, refusal }: Judged,
  verdict: TargetVerdict | undefined,
  names: ReadonlyMap<string, NameNow>,
): Refusal | Omit<Refused, 'target'> {
  if (refusal) return refusal;
  const leading = hostnames.flatMap((name) => {
    const now = names.get(name) ?? UNKNOWN;
    return now.leadsTo(ip) ? [now.refusal] : [];
  });
  const hasNoName = leading.length === 0 && verdict?.target.isListed === false;
  if (hasNoName || verdict?.isTakenOver) return movedAway(hostnames, verdict.left);
  return leading.every((each) => each !== undefined) ? (leading[0] ?? NOT_ALLOWED) : NOT_ALLOWED;
}

/** Names and addresses that are told of one target. */
const TOLD = 5;

function movedAway(hostnames: readonly string[], left: readonly Left[]): Omit<Refused, 'target'> {
  const moved = new Set(left.flatMap(({ moved: isMoved, to }) => (isMoved ? to : [])));
  const scanned = new Set(left.flatMap(({ to }) => to));
  const where =
    moved.size > 0
      ? `: moved to ${told([...moved])}`
      : scanned.size > 0
        ? `: leads to ${told([...scanned])}, scanned anyway`
        : '';
  const detail: RefusalDetail = {
    rule: 'dns',
    source: told(hostnames),
    entry: `no longer resolves to it${where}`,
  };
  return { reason: 'unresolvable', detail };
}

function told(items: readonly string[]): string {
  const more = items.length > TOLD ? ` and ${items.length - TOLD} more` : '';
  return `${items.slice(0, TOLD).join(', ')}${more}`;
}
