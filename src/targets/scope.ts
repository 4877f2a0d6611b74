import type { Address } from './address.ts';
import type { AddressSet } from './addressSet.ts';
import { EMPTY, has, intersect, subtract } from './addressSet.ts';
import { NOT_GLOBALLY_REACHABLE } from './specialPurpose.ts';

/** What an installation may scan. */
export interface Scope {
  /** The allowlist. undefined: everything that is globally reachable. */
  allowed?: AddressSet;
}

/**
 * Splits a set, each address into exactly one part. An address that is not globally reachable is refused as
 * `private_ip` even when the allowlist names it: an allowlist narrows, it never widens.
 */
export function applyScope(
  set: AddressSet,
  scope: Scope,
): { accepted: AddressSet; private_ip: AddressSet; forbidden: AddressSet } {
  const reachable = subtract(set, NOT_GLOBALLY_REACHABLE);
  return {
    accepted: scope.allowed === undefined ? reachable : intersect(reachable, scope.allowed),
    private_ip: intersect(set, NOT_GLOBALLY_REACHABLE),
    forbidden: scope.allowed === undefined ? EMPTY : subtract(reachable, scope.allowed),
  };
}

/** {@link applyScope} for one address: would it be accepted? */
export function inScope(address: Address, scope: Scope): boolean {
  return (
    !has(NOT_GLOBALLY_REACHABLE, address) && (scope.allowed === undefined || has(scope.allowed, address))
  );
}
