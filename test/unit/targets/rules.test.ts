import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { parseRuleEntry, readRule, type ScopeRules } from '../../../src/targets/scope/rules.ts';

const excluding = (...entries: string[]): ScopeRules => ({
  allowPrivate: false,
  exclusions: entries.map((entry) => ({ level: 'project', entry })),
});

const rulesOf = ({ exclusions }: ScopeRules) =>
  exclusions.map(({ entry, level }) => readRule(entry, `exclusions (${level})`).normal);

describe('an item of the allowlist or of the exclusions', () => {
  it.each([
    ['8.8.8.8', '8.8.8.8-8.8.8.9'],
    ['8.8.8.77/24', '8.8.8.0-8.8.9.0'],
    ['8.8.8.0/255.255.255.0', '8.8.8.0-8.8.9.0'],
    ['8.8.8.8/32', '8.8.8.8-8.8.8.9'],
    ['::ffff:8.8.8.8/120', '8.8.8.0-8.8.9.0'],
    ['8.8.8.10-50', '8.8.8.10-8.8.8.51'],
    ['8.8.8.254-8.8.9.1', '8.8.8.254-8.8.9.2'],
    ['8.8.8.1,5-6', '8.8.8.1-8.8.8.2 8.8.8.5-8.8.8.7'],
    ['9.8-9.8.*', '9.8.8.0-9.8.9.0 9.9.8.0-9.9.9.0'],
    ['2001:db8::1-2001:db8::f', '2001:db8::1-2001:db8::10'],
    ['2001:db8::/64', '2001:db8::-2001:db8:0:1::'],
  ])('%s is all of %s', (typed, expected) => {
    const result = parseRuleEntry(typed);
    const ranges = result.ok && result.rule.kind === 'ranges' ? result.rule.ranges : [];
    expect(ranges.map(({ start, end }) => `${formatAddress(start)}-${formatAddress(end)}`).join(' ')).toBe(
      expected,
    );
  });

  it('may be a name', () => {
    expect(parseRuleEntry('WWW.Bücher.test.')).toEqual({
      ok: true,
      rule: { kind: 'name', name: 'www.xn--bcher-kva.test', normal: 'www.xn--bcher-kva.test' },
    });
  });

  it('keeps star octets apart from patterns', () => {
    expect(parseRuleEntry('*.8.8.8')).toMatchObject({ ok: true, rule: { kind: 'ranges' } });
    expect(parseRuleEntry('*.8.8.8.test')).toMatchObject({ ok: true, rule: { kind: 'pattern' } });
  });

  it('may be a single label where that is allowed, and when it is kept already', () => {
    expect(parseRuleEntry('intranet')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('without a domain'),
    });
    expect(parseRuleEntry('intranet', { allowSingleLabel: true }).ok).toBe(true);
    expect(rulesOf(excluding('intranet'))).toEqual(['intranet']);
  });

  it('is still read as it was when an earlier version kept it', () => {
    expect(
      rulesOf(excluding('8.8.8.-3', '8.8.8.250-', '-8.8.8.3', '8.8.8.0,24', '*.exa\u200bmple.test')),
    ).toEqual(['8.8.8.0-3', '8.8.8.250-255', '0-8.8.8.3', '8.8.8.0,24', '*.example.test']);
  });

  it.each([
    ['8.8.8.0,24', '8.8.8.0/24 or 8.8.8.0, 8.8.8.24'],
    ['8.8.8.0 255.255.255.248', '8.8.8.0/255.255.255.248'],
    ['8.8.8.10 to 8.8.8.20', '8.8.8.10-8.8.8.20'],
    ['8.8.8.10 - 8.8.8.20', '8.8.8.10-8.8.8.20'],
    ['8.8.8.250-', '8.8.8.250-255'],
    ['8.8.8.8 1.1.1.1', '8.8.8.8, 1.1.1.1'],
    ['please do not scan these', undefined],
    ['*.a.test b.test', undefined],
    ['* 8.8.8.8', '8.8.8.8'],
    ['"*.a.test"', undefined],
  ])('%s is refused, and the likely form is suggested: %s', (typed, suggestion) => {
    for (const allowSingleLabel of [false, true]) {
      const result = parseRuleEntry(typed, { allowSingleLabel });
      expect(result.ok).toBe(false);
      expect(result.ok ? undefined : result.suggestion).toBe(suggestion);
    }
  });

  it.each(['', ' ', '08.8.8.8', 'http://a.test', '8.8.8.8:53', 'a..test', 'fe80::1%eth0'])(
    '%o is refused',
    (typed) => expect(parseRuleEntry(typed).ok).toBe(false),
  );
});

describe('a list of exclusions', () => {
  it('is read in its order, each item in normal form', () => {
    const rules = excluding('A.test', '8.8.8.8', '*.C.test', '10.0.0.7/8');
    expect(rulesOf(rules)).toEqual(['a.test', '8.8.8.8', '*.c.test', '10.0.0.0/8']);
  });

  it('is not read in part when there is an error in it', () => {
    expect(() => rulesOf(excluding('a.test', '*b.test'))).toThrow(
      'exclusions (project): "*b.test": a pattern is a star, a dot and a domain; did you mean *.b.test?',
    );
  });
});
