/** The rules against a model that asks them address by address, as they are written down. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RefusalDetail } from '../../../src/model/refusal.ts';
import {
  type Address,
  formatAddress,
  IPV4_END,
  IPV6_END,
  parseAddress,
} from '../../../src/targets/address/address.ts';
import type { KnownName } from '../../../src/targets/scope/compiledRules.ts';
import { type KnownNames, scopeData } from '../../../src/targets/scope/compileScope.ts';
import { parseRuleEntry, type ScopeRules } from '../../../src/targets/scope/rules.ts';
import { Scope } from '../../../src/targets/scope/scope.ts';
import { REGISTRY } from '../../../src/targets/scope/specialPurposeRegistry.ts';
import {
  type AddressRange,
  addressesOf,
  count,
  EMPTY,
  fromRanges,
  has,
  intersect,
  union,
} from '../../../src/targets/sets/addressSet.ts';
import { compileRules, compileScope, withExclusions } from '../../support/compileScope.ts';

const SIZE = 16;
/** The ends of both spaces, and places where rows of the registries meet. */
const PLACES: readonly Address[] = [
  ...[0, IPV4_END - SIZE, 0x08080800, 0x0a000000 - 8, 0x646464c8 - 8, 0xa9fea9fe - 8],
  ...[0n, IPV6_END - BigInt(SIZE), 0x2606n << 112n, (0xfc00n << 112n) - 8n],
  ...[0xfd000ec2_00000000_00000000_00000254n - 8n, (0x64ff9bn << 96n) + 0x0a000000n - 8n],
  (0x64ff9bn << 96n) + 0x08080800n,
];

function moved(address: Address, offset: number): Address {
  return typeof address === 'number' ? address + offset : address + BigInt(offset);
}

/** `::ffff:0:0/96` is read as IPv4, and no place lies there, so every text means what it says. */
const network = fc
  .tuple(fc.constantFrom(...PLACES), fc.nat(SIZE - 1), fc.nat(4))
  .map(([place, offset, bits]) => {
    const address = moved(place, offset);
    const length = (typeof address === 'number' ? 32 : 128) - bits;
    return bits === 0 ? formatAddress(address) : `${formatAddress(address)}/${length}`;
  });
const NAMES = ['a.test', 'www.a.test', 'b.test', 'x.b.test', 'c.test'] as const;
const name = fc.constantFrom(...NAMES);
const entry = fc.oneof(
  { weight: 3, arbitrary: network },
  name,
  name.map((text) => `*.${text}`),
);
const address = fc
  .tuple(fc.constantFrom(...PLACES), fc.nat(SIZE - 1))
  .map(([place, offset]) => moved(place, offset));
const names = fc
  .uniqueArray(fc.tuple(name, fc.array(address, { maxLength: 3 }), fc.array(name, { maxLength: 2 })), {
    selector: ([text]) => text,
  })
  .map(
    (list) =>
      new Map(list.map(([text, addresses, chain]): [string, KnownName] => [text, { addresses, chain }])),
  );
const rules: fc.Arbitrary<ScopeRules> = fc
  .record({
    allowPrivate: fc.boolean(),
    allowed: fc.option(fc.array(entry, { maxLength: 6 }), { nil: undefined }),
    exclusions: fc.array(fc.record({ level: fc.constantFrom('installation', 'project', 'request'), entry }), {
      maxLength: 6,
    }),
  })
  .map(({ allowPrivate, allowed, exclusions }) => ({
    allowPrivate,
    ...(allowed && { allowed }),
    exclusions,
  }));
const ranges = fc.array(
  fc
    .tuple(fc.constantFrom(...PLACES), fc.nat(SIZE), fc.nat(SIZE))
    .map(([place, from, to]): AddressRange => ({ start: moved(place, from), end: moved(place, to) })),
  { maxLength: 10 },
);

function within(typed: string, asked: Address): boolean {
  const parsed = parseRuleEntry(typed);
  const listed = parsed.ok && parsed.rule.kind === 'ranges' ? parsed.rule.ranges : [];
  return listed.some(({ start, end }) => typeof start === typeof asked && start <= asked && asked < end);
}

function matches(typed: string, text: string): boolean {
  return typed.startsWith('*.') ? text.endsWith(typed.slice(1)) : typed === text;
}

/** The IPv4 address that a translator would reach, or the address itself. */
function untranslated(asked: Address): Address {
  return typeof asked === 'bigint' && asked >> 32n === 0x64ff9bn << 64n ? Number(asked & 0xffffffffn) : asked;
}

function excludes(typed: string, asked: Address, { submitted, excluded }: KnownNames): boolean {
  const inside = (one: Address) => one === asked || one === untranslated(asked);
  return (
    within(typed, asked) ||
    within(typed, untranslated(asked)) ||
    [...submitted, ...excluded].some(
      ([text, known]) =>
        [text, ...known.chain].some((one) => matches(typed, one)) && known.addresses.some(inside),
    )
  );
}

/** Names lead there, and all of them are excluded. */
function excludesThroughNames(typed: string, asked: Address, known: KnownNames, all: string[]): boolean {
  const { submitted, listed = EMPTY } = known;
  if (has(listed, asked)) return false;
  const isExcluded = ([text, { addresses, chain }]: [string, KnownName], by: string) =>
    [text, ...chain].some((one) => matches(by, one)) ||
    addresses.some((address) => excludes(by, address, known));
  const leading = [...submitted].filter(([, { addresses }]) => addresses.includes(asked));
  return (
    leading.every((one) => all.some((by) => isExcluded(one, by))) &&
    leading.some((one) => isExcluded(one, typed))
  );
}

function isSpecial(asked: Address, allowPrivate: boolean): boolean {
  const [row] = REGISTRY.filter(({ network: text }) => text !== '::ffff:0:0/96' && within(text, asked)).sort(
    (a, b) => Number(b.network.split('/')[1]) - Number(a.network.split('/')[1]),
  );
  if (row?.network === '64:ff9b::/96') return isSpecial(untranslated(asked), allowPrivate);
  return row !== undefined && (row.opens === 'never' || (row.opens === 'private' && !allowPrivate));
}

function allows(allowed: readonly string[], asked: Address, { submitted }: KnownNames): boolean {
  return allowed.some(
    (typed) =>
      within(typed, asked) ||
      [...submitted].some(([text, known]) => matches(typed, text) && known.addresses.includes(asked)),
  );
}

function verdict(
  asked: Address,
  { allowPrivate, allowed, exclusions }: ScopeRules,
  known: KnownNames,
): string {
  const all = exclusions.map(({ entry: typed }) => typed);
  const exclusion =
    exclusions.find(({ entry: typed }) => excludes(typed, asked, known)) ??
    exclusions.find(({ entry: typed }) => excludesThroughNames(typed, asked, known, all));
  if (exclusion) return `forbidden exclusion ${exclusion.level} ${exclusion.entry}`;
  if (isSpecial(asked, allowPrivate)) return 'private_ip special_purpose';
  return allowed === undefined || allows(allowed, asked, known)
    ? 'accepted'
    : 'forbidden allowlist ALLOWED_HOSTS ';
}

function shown(reason: string, { rule, source, entry: typed }: RefusalDetail): string {
  return rule === 'special_purpose' ? `${reason} ${rule}` : `${reason} ${rule} ${source} ${typed}`;
}

/** The same rules, compiled in layers: those up to the first cut are the base, and so on. */
function inLayers(given: ScopeRules, cuts: readonly number[], known: KnownNames): Scope {
  const { exclusions } = given;
  const [first = exclusions.length, ...rest] = [...cuts, exclusions.length].sort((a, b) => a - b);
  let compiled = compileRules({ ...given, exclusions: exclusions.slice(0, first) });
  let from = first;
  for (const to of rest) {
    compiled = withExclusions(compiled, exclusions.slice(from, to));
    from = Math.max(from, to);
  }
  return new Scope(compiled, scopeData(compiled, known));
}

describe('the rules', () => {
  it('part a set as the model does, and every refusal has one reason', () => {
    fc.assert(
      fc.property(
        rules,
        names,
        names,
        ranges,
        ranges,
        fc.nat(4),
        fc.array(fc.nat(10), { maxLength: 2 }),
        (given, submitted, excluded, asked, own, maxRows, cuts) => {
          const known = { submitted, excluded, listed: fromRanges(own) };
          const scope = inLayers(given, cuts, known);
          const set = fromRanges(asked);
          const parts = scope.split(set);
          const expected = new Map<string, bigint>();
          const accepted: Address[] = [];
          for (const one of addressesOf(set)) {
            const model = verdict(one, given, known);
            const refusal = scope.judge(one);
            expect(refusal ? shown(refusal.reason, refusal.detail) : 'accepted').toBe(model);
            if (model === 'accepted') accepted.push(one);
            else expected.set(model, (expected.get(model) ?? 0n) + 1n);
          }
          expect([...addressesOf(parts.accepted)]).toEqual(accepted);
          expect(union(parts.accepted, parts.private_ip, parts.forbidden)).toEqual(set);
          expect(count(parts.accepted) + count(parts.private_ip) + count(parts.forbidden)).toBe(count(set));

          const found = new Map<string, bigint>();
          for (const row of scope.breakdown(parts, 1_000)) {
            const key = shown(row.reason, row.detail);
            found.set(key, (found.get(key) ?? 0n) + row.count);
          }
          expect(found).toEqual(expected);
          const capped = scope.breakdown(parts, maxRows);
          expect(capped.length).toBeLessThanOrEqual(maxRows + 3);
          for (const reason of ['private_ip', 'forbidden'] as const) {
            const rows = capped.filter((row) => row.reason === reason);
            expect(rows.reduce((sum, row) => sum + row.count, 0n)).toBe(count(parts[reason]));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('accept nothing that is excluded, whatever the order and the level', () => {
    const shuffled = rules.chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc.shuffledSubarray([...given.exclusions], { minLength: given.exclusions.length }),
        fc.constantFrom('installation', 'project', 'request'),
      ),
    );
    fc.assert(
      fc.property(shuffled, names, ranges, ([given, order, level], submitted, asked) => {
        const known = { submitted, excluded: new Map() };
        const set = fromRanges(asked);
        const accepted = compileScope(given, known).split(set).accepted;
        const moved = order.map(({ entry: typed }) => ({ entry: typed, level }));
        expect(compileScope({ ...given, exclusions: order }, known).split(set).accepted).toEqual(accepted);
        expect(compileScope({ ...given, exclusions: moved }, known).split(set).accepted).toEqual(accepted);
        for (const { entry: typed } of given.exclusions) {
          const parsed = parseRuleEntry(typed);
          if (parsed.ok && parsed.rule.kind === 'ranges')
            expect(count(intersect(accepted, fromRanges(parsed.rule.ranges)))).toBe(0n);
        }
        for (const [text, { addresses, chain }] of submitted)
          if (compileScope(given).judgeName(text, { addresses: [], chain }))
            for (const one of addresses) expect([...addressesOf(accepted)]).not.toContain(one);
      }),
      { numRuns: 300 },
    );
  });

  it('never accept a metadata address', () => {
    fc.assert(
      fc.property(rules, names, (given, submitted) => {
        const scope = compileScope({ ...given, allowPrivate: true }, { submitted, excluded: new Map() });
        for (const text of ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe'])
          expect(scope.judge(parseAddress(text) ?? Number.NaN)).toBeDefined();
      }),
    );
  });
});
