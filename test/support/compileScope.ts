import {
  type CompiledRules,
  compileAllowlist,
  compileList,
  rulesWithout,
  withList,
} from '../../src/targets/scope/compiledRules.ts';
import { type KnownNames, scopeData } from '../../src/targets/scope/compileScope.ts';
import type { Exclusion, ScopeRules } from '../../src/targets/scope/rules.ts';
import { Scope } from '../../src/targets/scope/scope.ts';

export const NO_NAMES: KnownNames = { submitted: new Map(), excluded: new Map() };

/** Rules ready for the names of a submission. */
export function compileScope(rules: ScopeRules, names = NO_NAMES): Scope {
  const compiled = compileRules(rules);
  return new Scope(compiled, scopeData(compiled, names));
}

export function compileRules({ allowPrivate, allowed, exclusions }: ScopeRules): CompiledRules {
  return withExclusions(rulesWithout(allowPrivate, allowed && compileAllowlist(allowed)), exclusions);
}

/** Compiles them as the service does: a list is of one level. */
export function withExclusions(base: CompiledRules, exclusions: readonly Exclusion[]): CompiledRules {
  const level = exclusions[0]?.level;
  if (level === undefined) return base;
  const other = exclusions.findIndex((each) => each.level !== level);
  const list = other === -1 ? exclusions : exclusions.slice(0, other);
  const lines = list.map(({ entry }) => entry).join('\n');
  return withExclusions(withList(base, list, compileList(base, level, lines)), exclusions.slice(list.length));
}
