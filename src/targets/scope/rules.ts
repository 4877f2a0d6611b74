import { type EntryOptions, KEPT, parseEntry, rangesOfEntry } from '../entries/entry.ts';
import { type HostRule, looksLikePattern, parseHostPattern } from '../entries/hostPattern.ts';
import { splitEntries } from '../entries/splitEntries.ts';
import { describeUnusual } from '../entries/unusualText.ts';
import type { AddressRange } from '../sets/addressSet.ts';
import { RangeSum } from '../sets/rangeLimit.ts';

/** Who made an exclusion; `cancel`: somebody took targets out of a scan. */
export type Level = 'installation' | 'project' | 'request' | 'cancel';

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
  /** Of one that came later: who and when. */
  by?: string;
}

/** One item of the allowlist or of the exclusions, understood. Equal items have equal `normal` texts. */
export type RuleEntry = (RangesRule | HostRule) & { normal: string };
interface RangesRule {
  kind: 'ranges';
  /** Length of `ranges`. */
  rangeCount: number;
  /** Made anew each time: a few characters may stand for 65,536. */
  readonly ranges: readonly AddressRange[];
}
export type RuleEntryResult =
  | { ok: true; rule: RuleEntry }
  | { ok: false; problem: string; suggestion?: string };

/**
 * Reads one item: any notation of a target, or `*.domain`. Of a network every address counts. Never throws.
 *
 * @param options as for targets; {@link KEPT} for what is kept already
 */
export function parseRuleEntry(typed: string, options: EntryOptions = {}): RuleEntryResult {
  const columns = options.kept ? undefined : describePrefixColumn(typed);
  if (columns !== undefined) return { ok: false, ...columns };
  if (looksLikePattern(typed) && (options.kept || describeUnusual(typed) === undefined)) {
    const pattern = parseHostPattern(typed);
    if ('problem' in pattern) return { ok: false, ...pattern };
    const { domain } = pattern;
    return { ok: true, rule: { kind: 'pattern', domain, normal: `*.${domain}` } };
  }
  const parsed = parseEntry(typed, options);
  if (!parsed.ok) return parsed;
  const { entry } = parsed;
  const { normal } = entry;
  if (entry.kind === 'name') return { ok: true, rule: { kind: 'name', name: entry.name, normal } };
  const rangeCount = entry.kind === 'octets' ? entry.rangeCount : 1;
  const rule: RuleEntry = {
    kind: 'ranges',
    normal,
    rangeCount,
    get ranges() {
      return rangesOfEntry(entry, { networkAndBroadcast: true });
    },
  };
  return { ok: true, rule };
}

/** How many ranges a rule makes: none of a name, or of what cannot be read. */
export function rangesOfRule(result: RuleEntryResult): number {
  return result.ok && result.rule.kind === 'ranges' ? result.rule.rangeCount : 0;
}

/** By its characters: may the rule make more than one range? */
export function mayStandForMany(typed: string): boolean {
  return /[*,-]/.test(typed) && !/[^\d.,*-]/.test(typed);
}

/** All ranges of entries that were accepted before; a name counts as one. */
export function sumRanges(typed: Iterable<string>, sum: RangeSum): RangeSum {
  for (const entry of typed) {
    sum.add(entry, mayStandForMany(entry) ? rangesOfRule(parseRuleEntry(entry, KEPT)) : 1);
  }
  return sum;
}

/** `8.8.8.0,24` out of a table of networks and prefixes: as octets it would exclude two addresses instead of 256. */
function describePrefixColumn(typed: string): { problem: string; suggestion: string } | undefined {
  const [, octets, prefix] = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.0,(\d{1,2})$/.exec(typed) ?? [];
  if (octets === undefined || Number(prefix) < 8 || Number(prefix) > 32) return undefined;
  const problem = 'it is a network with its prefix, or two addresses';
  return { problem, suggestion: `${octets}.0/${prefix} or ${octets}.0, ${octets}.${prefix}` };
}

/**
 * The entries of a list of rules, as typed; written as in a request, with `#` comments.
 *
 * @throws Error naming everything that cannot be read, with its line when there are several; or that they are too many
 */
export function ruleEntriesIn(text: string, options: EntryOptions): string[] {
  const entries: string[] = [];
  const problems: string[] = [];
  const sum = new RangeSum();
  for (const { text: typed, line } of splitEntries(text, 'rules')) {
    entries.push(typed);
    const result = parseRuleEntry(typed, options);
    sum.add(typed, rangesOfRule(result));
    if (result.ok) continue;
    const place = line > 1 || text.includes('\n') ? `line ${line}: ` : '';
    problems.push(`${place}"${typed.slice(0, 100)}": ${problemText(result)}`);
  }
  if (problems.length > 0) throw new Error(problems.slice(0, MOST_PROBLEMS).join('; '));
  const tooMany = sum.problem();
  if (tooMany !== undefined) throw new Error(tooMany);
  return entries;
}

const MOST_PROBLEMS = 10;
const NOTHING_MEANT = /^[^\S\r\n]*#[^\S\r\n]*no exclusions[^\S\r\n]*$/im;

/**
 * {@link ruleEntriesIn} for a file of exclusions. It must hold some, or the line `# no exclusions`: an update that
 * failed leaves an empty file behind, and everything would be scanned.
 */
export function exclusionsIn(text: string, options: EntryOptions): string[] {
  const entries = ruleEntriesIn(text, options);
  if (entries.length === 0 && !NOTHING_MEANT.test(text))
    throw new Error(
      'it holds no entry; if nothing is to be excluded, write the line "# no exclusions" into it',
    );
  return entries;
}

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
  const result = parseRuleEntry(typed, KEPT);
  if (result.ok) return result.rule;
  throw new Error(`${list}: "${typed}": ${problemText(result)}`);
}
