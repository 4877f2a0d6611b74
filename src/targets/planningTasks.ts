/** What planning has to work out that may take long. Plain functions, each with the name by which a thread knows it. */
import { decideTargets, type ScopeSources } from './decideTargets.ts';
import { coveredEntries } from './entries/coveredEntries.ts';
import { lowest } from './entries/hostPattern.ts';
import { knownNames } from './mergeNames.ts';
import { decodeResolved } from './resolutionCodec.ts';
import {
  type CompiledRules,
  compileAllowlist,
  compileList,
  lookAtNames,
  matching,
} from './scope/compiledRules.ts';
import { scopeData } from './scope/compileScope.ts';
import type { ScopeData } from './scope/scope.ts';
import { type AddressSet, decode, subtract } from './sets/addressSet.ts';

export const DECIDE = { name: 'decideTargets', run: decideTargets };
export const COMPILE_LIST = { name: 'compileList', run: compileList };
export const COMPILE_ALLOWLIST = { name: 'compileAllowlist', run: compileAllowlist };
export const MAKE_SCOPE = { name: 'makeScope', run: makeScope };
export const FIND_EXCLUDED = { name: 'findExcluded', run: findExcluded };
export const COVER = { name: 'coveredEntries', run: coveredEntries };
export const SUBTRACT = { name: 'subtract', run: (a: AddressSet, b: AddressSet) => subtract(a, b) };

export const PLANNING_TASKS = [
  DECIDE,
  COMPILE_LIST,
  COMPILE_ALLOWLIST,
  MAKE_SCOPE,
  FIND_EXCLUDED,
  COVER,
  SUBTRACT,
];

function makeScope({ rules, expanded, resolved, excluded }: ScopeSources): ScopeData {
  const names = lookAtNames(rules) ? resolved.flatMap(decodeResolved) : [];
  const listed = decode(expanded);
  return scopeData(rules, { submitted: knownNames(names), excluded: knownNames(excluded), listed });
}

/** The names that fall under an exclusion by themselves or through their CNAME chain, with the first one. */
function findExcluded(rules: Pick<CompiledRules, 'hosts'>, resolved: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, { chain }] of resolved.flatMap(decodeResolved)) {
    const index = matching(rules, name, chain);
    if (index !== undefined) found.set(name, lowest(found.get(name), index) ?? index);
  }
  return found;
}
