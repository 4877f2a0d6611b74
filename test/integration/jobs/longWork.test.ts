/** What is long goes to a thread, and comes to the same as in place. */
import { afterAll, expect, it } from 'vitest';
import { compileScope, decide, difference, findCovered, findExcluded } from '../../../src/jobs/longWork.ts';
import type { ResolvedName } from '../../../src/model/submission.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { COVER, DECIDE, FIND_EXCLUDED } from '../../../src/targets/planningTasks.ts';
import { encodeResolved } from '../../../src/targets/resolutionCodec.ts';
import { encode, fromRanges, subtract } from '../../../src/targets/sets/addressSet.ts';
import { compileRules } from '../../support/compileScope.ts';

const compute = new Compute();
afterAll(() => compute.close());

/** More than a megabyte of text, in two chunks. */
const NAMES = 30_000;
const names = Array.from(
  { length: NAMES },
  (_, i): ResolvedName => [
    `host-${i}.long-names.example.test`,
    { addresses: [`11.0.${i >> 8}.${i & 255}`], chain: [], ttlS: 300, atMs: 1_795_472_897_000 },
  ],
);
const resolved = [encodeResolved(names.slice(0, 20_000)), encodeResolved(names.slice(20_000))];
const rules = compileRules({
  allowPrivate: false,
  exclusions: [
    { level: 'project', entry: '11.0.0.0/28' },
    { level: 'request', entry: 'host-77.long-names.example.test' },
  ],
});
const expanded = encode(fromRanges([{ start: 0x0c000000, end: 0x0c000100 }]));

it('a decision about many names is the same in a thread', async () => {
  const given = { expanded, resolved, excluded: [], rules, singleResolve: false, maxTargets: 1_000_000 };
  const decided = await decide(given, compute);
  expect(decided).toEqual(DECIDE.run(given));
  expect(decided.links).toBe(NAMES);
});

it('a scope of many names names the rule that was typed', async () => {
  const scope = await compileScope({ rules, expanded, resolved, excluded: [] }, compute);
  const detail = { rule: 'exclusion', source: 'project', entry: '11.0.0.0/28' };
  expect(scope.judge(parseAddress('11.0.0.3') ?? 0)?.detail).toEqual(detail);
  expect(scope.judge(parseAddress('11.0.0.77') ?? 0)?.detail.source).toBe('request');
  expect(scope.allows(parseAddress('11.0.1.1') ?? 0)).toBe(true);
});

it('excluded names among many are found in a thread as in place', async () => {
  const found = await findExcluded(rules, resolved, compute);
  expect(found).toEqual(new Map([['host-77.long-names.example.test', 1]]));
  expect(found).toEqual(FIND_EXCLUDED.run(rules, resolved));
});

it('covered entries of a long list are found in a thread as in place', async () => {
  const lines = () =>
    new TextEncoder().encode(
      ['11.0.0.0/8', ...Array.from({ length: 8_000 }, (_, i) => `11.0.${i >> 8}.${i & 255}`)].join('\n'),
    );
  const expected = COVER.run(lines(), {});
  expect(expected.size).toBe(7_999); // the network address of the /8 is not covered by it
  expect(await findCovered(lines(), {}, compute)).toEqual(expected);
});

it('the difference of long sets is the same in a thread, and both stay usable', async () => {
  const every = (step: number) =>
    fromRanges(Array.from({ length: 150_000 }, (_, i) => ({ start: i * step * 4, end: i * step * 4 + 2 })));
  const [a, b] = [every(1), every(2)];
  expect(await difference(a, b, compute)).toEqual(subtract(a, b));
  expect(a.v4.length).toBe(300_000);
  const few = fromRanges([{ start: 0, end: 9 }]);
  expect(await difference(few, b, compute)).toEqual(subtract(few, b));
});
