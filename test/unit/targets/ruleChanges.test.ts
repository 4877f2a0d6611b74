import { describe, expect, it } from 'vitest';
import { describeChange, ruleDiff } from '../../../src/targets/scope/ruleDiff.ts';
import type { Level, ScopeRules } from '../../../src/targets/scope/rules.ts';

function rules(more: Partial<ScopeRules> = {}, ...exclusions: [Level, string][]): ScopeRules {
  return {
    allowPrivate: false,
    ...more,
    exclusions: exclusions.map(([level, entry]) => ({ level, entry })),
  };
}
const changes = (before: ScopeRules, after: ScopeRules) =>
  ruleDiff(before, after).map((change) => describeChange(change, 2));

describe('what changed between two sets of rules', () => {
  it('is nothing when only order, repetition or spelling differ', () => {
    const before = rules({ allowed: ['8.8.8.0/24', '*.A.test'] }, ['project', 'a.test'], ['request', '::1']);
    const after = rules(
      { allowed: ['*.a.test.', '8.8.8.9/255.255.255.0'] },
      ['request', '0::1'],
      ['project', 'A.test.'],
      ['project', 'a.test'],
    );
    expect(ruleDiff(before, after)).toEqual([]);
  });

  it('is said list by list', () => {
    const before = rules({ allowed: ['8.8.8.8'] }, ['project', 'a.test'], ['project', '*.a.test']);
    const after = rules({ allowPrivate: true }, ['project', '*.a.test'], ['installation', 'A.test']);
    expect(changes(before, after)).toEqual([
      'ALLOW_PRIVATE_TARGETS: added true; removed false',
      'ALLOWED_HOSTS: added everything (not set); removed 8.8.8.8',
      'exclusions (installation): added A.test',
      'exclusions (project): removed a.test',
    ]);
  });

  it('tells no allowlist from an empty one', () => {
    expect(changes(rules(), rules({ allowed: [] }))).toEqual(['ALLOWED_HOSTS: removed everything (not set)']);
  });

  it('is cut to a few entries', () => {
    const after = rules({}, ['request', '1.1.1.1'], ['request', '1.1.1.2'], ['request', '1.1.1.3']);
    expect(changes(rules(), after)).toEqual(['exclusions (request): added 1.1.1.1, 1.1.1.2 and 1 more']);
    expect(ruleDiff(after, rules())[0]?.removed).toHaveLength(3);
  });
});
