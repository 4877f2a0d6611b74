import { KEPT } from '../entries/entry.ts';
import { type Level, parseRuleEntry, type ScopeRules } from './rules.ts';

/** What came and what went in one list of rules, in the order of the lists. */
export interface RuleChange {
  list:
    | 'ALLOW_PRIVATE_TARGETS'
    | 'ALLOWED_HOSTS'
    | 'exclusions (installation)'
    | 'exclusions (project)'
    | 'exclusions (request)';
  /** As typed. */
  added: string[];
  removed: string[];
}

const LEVELS = ['installation', 'project', 'request'] as const;
/** Stands for an allowlist that is not set: no list at all is something else than an empty one. */
const NOT_SET = 'everything (not set)';

/**
 * How two sets of rules differ. The order of a list, a repeated item and another spelling of the same item are no
 * difference. Empty: the rules are the same.
 */
export function ruleDiff(before: ScopeRules, after: ScopeRules): RuleChange[] {
  const changes = [
    changed('ALLOW_PRIVATE_TARGETS', [String(before.allowPrivate)], [String(after.allowPrivate)]),
    changed('ALLOWED_HOSTS', before.allowed ?? [NOT_SET], after.allowed ?? [NOT_SET]),
  ];
  for (const level of LEVELS)
    changes.push(changed(`exclusions (${level})`, exclusionsOf(before, level), exclusionsOf(after, level)));
  return changes.filter(({ added, removed }) => added.length > 0 || removed.length > 0);
}

/**
 * One sentence a list: `ALLOWED_HOSTS: added 8.8.8.0/24; removed 9.9.9.9, *.a.test and 3 more`.
 *
 * @param maxEntries how many items are named of what was added, and of what was removed
 */
export function describeChange({ list, added, removed }: RuleChange, maxEntries = 10): string {
  const parts = [listed('added', added, maxEntries), listed('removed', removed, maxEntries)];
  return `${list}: ${parts.filter((part) => part !== '').join('; ')}`;
}

function listed(verb: string, entries: readonly string[], maxEntries: number): string {
  if (entries.length === 0) return '';
  const more = entries.length - maxEntries;
  return `${verb} ${entries.slice(0, maxEntries).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function exclusionsOf({ exclusions }: ScopeRules, level: Level): string[] {
  return exclusions.filter((exclusion) => exclusion.level === level).map(({ entry }) => entry);
}

function changed(list: RuleChange['list'], before: readonly string[], after: readonly string[]): RuleChange {
  const old = byNormal(before);
  const current = byNormal(after);
  return { list, added: missingFrom(old, current), removed: missingFrom(current, old) };
}

/** Normal form -> as typed. What cannot be read is its own normal form. */
function byNormal(entries: readonly string[]): Map<string, string> {
  const normals = new Map<string, string>();
  for (const typed of entries) {
    const result = parseRuleEntry(typed, KEPT);
    normals.set(result.ok ? result.rule.normal : typed, typed);
  }
  return normals;
}

function missingFrom(these: ReadonlyMap<string, string>, those: ReadonlyMap<string, string>): string[] {
  return [...those].filter(([normal]) => !these.has(normal)).map(([, typed]) => typed);
}
