import type { Caller } from '../../adapters/auth/caller.ts';
import { counts, type Exclusion } from '../../adapters/scopeRules/exclusion.ts';
import type { ListedExclusions } from '../../adapters/scopeRules/exclusionStore.ts';
import { apiError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';

/** Entries that an answer names. */
const NAMED = 10;

type List = ReadonlyMap<string, Exclusion>;

/**
 * Whether this caller may neither end nor change it: an admin made it, or somebody locked it. Where it is not known
 * whether an admin made it, its maker may.
 */
function isLockedFor({ admin, user }: Caller, exclusion: Exclusion, nowMs: number): boolean {
  if (admin || !counts(exclusion, nowMs)) return false;
  const { by, locked } = exclusion;
  if (locked === true || by.admin === true) return true;
  return by.admin === undefined && by.id !== user.id && !madeWithoutAdmins(by);
}

/** Where ScanLedger is asked with each caller's token, nobody is an admin; ids are UUIDs of version 5 there. */
function madeWithoutAdmins({ id, username }: Exclusion['by']): boolean {
  return username === 'scanledger' && id[14] === '5';
}

/** Those that the caller would end, or whose end would become another one. Sent again as it is, it stays as it is. */
export function lockedAgainst(
  caller: Caller,
  { exclusions, nowMs }: ListedExclusions,
  { put, ended }: { put: List; ended(normal: string): boolean },
): Exclusion[] {
  return [...exclusions]
    .filter(([normal, exclusion]) => {
      const sent = put.get(normal);
      const isTouched = sent === undefined ? ended(normal) : sent.until !== exclusion.until;
      return isTouched && isLockedFor(caller, exclusion, nowMs);
    })
    .map(([, exclusion]) => exclusion);
}

/** What is to be written: where the caller sends again what is locked, it keeps its maker, its reason and its lock. */
export function withLocked(
  caller: Caller,
  { exclusions, nowMs }: ListedExclusions,
  put: List,
): Map<string, Exclusion> {
  const written = new Map(put);
  for (const normal of put.keys()) {
    const before = exclusions.get(normal);
    if (before !== undefined && isLockedFor(caller, before, nowMs)) written.set(normal, before);
  }
  return written;
}

export function lockedAnswer(locked: readonly Exclusion[]): HttpResponse {
  const named = locked.slice(0, NAMED).map(({ entry, by }) => `${entry.slice(0, 100)} (${by.username})`);
  const more = locked.length > NAMED ? ` and ${locked.length - NAMED} more` : '';
  const what = 'what an admin excluded, or what is locked, only an admin ends or changes';
  return apiError('exclusion_locked', `${what}: ${named.join(', ')}${more}; nothing was changed`);
}
