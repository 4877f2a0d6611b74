import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstMatch, type HostRule, indexHosts } from '../../../src/targets/entries/hostPattern.ts';
import { parseRuleEntry } from '../../../src/targets/scope/rules.ts';

function read(typed: string): string {
  const result = parseRuleEntry(typed);
  if (result.ok) return `${result.rule.kind} ${result.rule.normal}`;
  return result.suggestion === undefined ? 'refused' : `refused: ${result.suggestion}`;
}

describe('a pattern', () => {
  it.each([
    ['*.example.com', 'pattern *.example.com'],
    ['*.Example.COM.', 'pattern *.example.com'],
    ['*.bücher.test', 'pattern *.xn--bcher-kva.test'],
    ['*。пример.рф', 'pattern *.xn--e1afmkfd.xn--p1ai'],
    ['*.com', 'pattern *.com'],
    ['*._tcp.a.test', 'pattern *._tcp.a.test'],
    ['*.8.8.8.com', 'pattern *.8.8.8.com'],
    ['*example.com', 'refused: *.example.com'],
    ['.example.com', 'refused: *.example.com'],
    ['*.*.example.com', 'refused'],
    ['www.*.com', 'refused'],
    ['example.*', 'refused'],
    ['*', 'refused'],
    ['*.', 'refused'],
    ['*..com', 'refused'],
    ['*.example.com..', 'refused'],
    ['*.-a.test', 'refused'],
    ['*.example.com:443', 'refused'],
    ['*.example.com/24', 'refused'],
    ['*.a b.test', 'refused'],
    ['*.a\u0000.test', 'refused'],
    ['*.a.test,*.b.test', 'refused'],
    ['2001:db8::*', 'refused'],
    [`*.${'a'.repeat(64)}.test`, 'refused'],
    [`*.${'a.'.repeat(130)}test`, 'refused'],
    ['*'.repeat(1_000), 'refused'],
  ])('%s is %s', (typed, expected) => {
    expect(read(typed)).toBe(expected);
  });
});

describe('the first rule that matches a name', () => {
  const rules: HostRule[] = [
    { kind: 'name', name: 'www.a.test' },
    { kind: 'pattern', domain: 'a.test' },
    { kind: 'pattern', domain: 'x.a.test' },
    { kind: 'name', name: 'y.x.a.test' },
    { kind: 'name', name: 'a.test' },
  ];
  it.each([
    ['www.a.test', 0],
    ['WWW.A.Test.', 0],
    ['mail.a.test', 1],
    ['y.x.a.test', 1],
    ['1.2.3.4.x.a.test', 1],
    ['a.test', 4],
    ['a.test.', 4],
    ['ba.test', undefined],
    ['www.ba.test', undefined],
    ['a.test.evil.test', undefined],
    ['test', undefined],
    ['', undefined],
  ])('%s: %s', (name, index) => {
    expect(firstMatch(indexHosts([...rules.entries()]), name)).toBe(index);
  });

  it('agrees with a search from the beginning', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 })
      .map((labels) => labels.join('.'));
    const rule = fc.option(
      fc.oneof(
        name.map((text): HostRule => ({ kind: 'name', name: text })),
        name.map((text): HostRule => ({ kind: 'pattern', domain: text })),
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), name, (list, asked) => {
        const found = list.findIndex((item) =>
          item?.kind === 'name' ? item.name === asked : item && asked.endsWith(`.${item.domain}`),
        );
        const given = [...list.entries()].flatMap(([index, item]): [number, HostRule][] =>
          item === undefined ? [] : [[index, item]],
        );
        expect(firstMatch(indexHosts(given), asked)).toBe(found === -1 ? undefined : found);
      }),
    );
  });
});
