/** Octet patterns: a few characters stand for 65,536 ranges, so they are counted before anything is made of them. */
import { describe, expect, it } from 'vitest';
import { ScopeError } from '../../../src/runtime/errors.ts';
import {
  exclusionsIn,
  type Level,
  parseRuleEntry,
  rangesOfRule,
  ruleEntriesIn,
} from '../../../src/targets/scope/rules.ts';
import { MOST_RULE_RANGES } from '../../../src/targets/sets/rangeLimit.ts';
import { compileRules } from '../../support/compileScope.ts';

const PER_PATTERN = 65_536;
/** As many as just fit. */
const FIT = Math.floor(MOST_RULE_RANGES / PER_PATTERN);

const patterns = (count: number) => Array.from({ length: count }, (_, i) => `*.*.${i + 1}.1`);
const at = (level: Level, entries: readonly string[]) => entries.map((entry) => ({ level, entry }));
const compile = (exclusions: ReturnType<typeof at>, allowed?: readonly string[]) => () =>
  compileRules({ allowPrivate: false, exclusions, ...(allowed && { allowed }) });

function bytesUsed(work: () => void): number {
  const before = process.memoryUsage().rss;
  work();
  return process.memoryUsage().rss - before;
}

describe('the ranges of rules', () => {
  it.each(['*.*.1.1', '10.0-3.*.1,5', '10.0.0.1-9', '10.0.0.0/8', '*.8.8.8', '2001:db8::/32'])(
    'are counted as they are made (%s)',
    (typed) => {
      const parsed = parseRuleEntry(typed);
      expect(parsed.ok && parsed.rule.kind === 'ranges' && parsed.rule.ranges.length).toBe(
        rangesOfRule(parsed),
      );
    },
  );

  it('refuse to be compiled beyond the limit, with the number, the entry and the list', () => {
    const refused = compile(at('project', patterns(200)));
    expect(bytesUsed(() => expect(refused).toThrow(ScopeError))).toBeLessThan(50 * 2 ** 20);
    expect(refused).toThrow(/^exclusions \(project\): .* 13107200 .* 1000000 .*"\*\.\*\.1\.1" .*65536/);
  });

  it('take less than 300 MB at the limit', () => {
    const used = bytesUsed(() => expect(compile(at('project', patterns(FIT)))().count).toBe(FIT));
    expect(used).toBeLessThan(300 * 2 ** 20);
  });

  it('count together, whatever level they are of, those of the allowlist too', () => {
    const [own, more] = [patterns(FIT), at('request', ['*.*.200.1'])];
    expect(compile([...at('installation', own), ...more])).toThrow(ScopeError);
    expect(compile(more, own)).toThrow(ScopeError);
    expect(compile([], [...own, '*.*.200.1'])).toThrow(/^ALLOWED_HOSTS: /);
    expect(compile([...at('installation', own.slice(1)), ...more])().ranges).toBe(FIT * PER_PATTERN);
  });

  it('are counted in settings and files', () => {
    const text = patterns(FIT + 1).join('\n');
    expect(() => ruleEntriesIn(text, {})).toThrow(/1048576 separate ranges/);
    expect(() => exclusionsIn(text, {})).toThrow(/1048576 separate ranges/);
    expect(ruleEntriesIn(patterns(FIT).join('\n'), {})).toHaveLength(FIT);
  });
});
