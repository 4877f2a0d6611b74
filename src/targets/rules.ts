import type { AddressRange } from './addressSet.ts';
import { parseEntry, rangesOfEntry } from './entry.ts';
import { entriesIn } from './entryText.ts';
import { type HostRule, looksLikePattern, parseHostPattern } from './hostPattern.ts';

/** Who made an exclusion. */
export type Level = 'installation' | 'project' | 'request';

/** Which rule refused: a table row, a list, a line. */
export interface RefusalDetail {
  rule: 'special_purpose' | 'allowlist' | 'exclusion' | 'ledger' | 'queue' | 'dns' | 'entry';
  /** `IANA: Private-Use (RFC 1918)`, `ALLOWED_HOSTS`, `installation`, `project`, `request`. */
  source: string;
  /** The table row's network, the exclusion as typed, the kind of failure (`nxdomain`); empty when there is none. */
  entry: string;
}

/** All scope rules in force, as they were typed. */
export interface ScopeRules {
  allowPrivate: boolean;
  /** ALLOWED_HOSTS as typed. Absent: everything that is globally reachable. Empty: nothing. */
  allowed?: readonly string[];
  exclusions: readonly Exclusion[];
}

export interface Exclusion {
  level: Level;
  /** As typed: any notation, a name, or `*.domain`. */
  entry: string;
}

/** One item of the allowlist or of the exclusions, understood. Equal items have equal `normal` texts. */
export type RuleEntry = ({ kind: 'ranges'; ranges: readonly AddressRange[] } | HostRule) & { normal: string };
export type RuleEntryResult =
  | { ok: true; rule: RuleEntry }
  | { ok: false; problem: string; suggestion?: string };

/**
 * Reads one item: any notation of a target, or `*.domain`. Of a network every address counts; a name may be a single
 * label, whatever targets may be. Never throws.
 */
export function parseRuleEntry(typed: string): RuleEntryResult {
  if (looksLikePattern(typed)) {
    const pattern = parseHostPattern(typed);
    if ('problem' in pattern) return { ok: false, ...pattern };
    const { domain } = pattern;
    return { ok: true, rule: { kind: 'pattern', domain, normal: `*.${domain}` } };
  }
  const parsed = parseEntry(typed, { allowSingleLabel: true });
  if (!parsed.ok) return parsed;
  const { entry } = parsed;
  const { normal } = entry;
  if (entry.kind === 'name') return { ok: true, rule: { kind: 'name', name: entry.name, normal } };
  return {
    ok: true,
    rule: { kind: 'ranges', ranges: rangesOfEntry(entry, { networkAndBroadcast: true }), normal },
  };
}

/**
 * The entries of a list of rules, as typed; written as in a request, with `#` comments.
 *
 * @throws Error naming everything that cannot be read, with its line when there are several
 */
export function ruleEntriesIn(text: string): string[] {
  const entries: string[] = [];
  const problems: string[] = [];
  for (const { text: typed, line } of entriesIn(text)) {
    entries.push(typed);
    const result = parseRuleEntry(typed);
    if (result.ok) continue;
    const place = line > 1 || text.includes('\n') ? `line ${line}: ` : '';
    problems.push(`${place}"${typed.slice(0, 100)}": ${problemText(result)}`);
  }
  if (problems.length > 0) throw new Error(problems.slice(0, MOST_PROBLEMS).join('; '));
  return entries;
}

const MOST_PROBLEMS = 10;

function problemText({ problem, suggestion }: { problem: string; suggestion?: string }): string {
  return suggestion === undefined ? problem : `${problem}; did you mean ${suggestion}?`;
}

/**
 * {@link parseRuleEntry} for what was checked when it was accepted.
 *
 * @param list where the item stands, for the message
 * @throws Error naming the item, because a rule that is passed over would let packets through
 */
export function readRule(typed: string, list: string): RuleEntry {
  const result = parseRuleEntry(typed);
  if (result.ok) return result.rule;
  throw new Error(`${list}: "${typed}": ${problemText(result)}`);
}

/** Items read between two places where others may have their turn: some milliseconds. */
export const RULES_STEP = 256;

export function* readExclusionsInSteps(exclusions: readonly Exclusion[]): Generator<undefined, RuleEntry[]> {
  const rules: RuleEntry[] = [];
  for (const { entry, level } of exclusions) {
    if (rules.length % RULES_STEP === RULES_STEP - 1) yield;
    rules.push(readRule(entry, `exclusions (${level})`));
  }
  return rules;
}
