import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepted, only, read, refused } from './readRequest.ts';

describe('hosts', () => {
  it('keeps distinct entries as typed, in their order', () => {
    const hosts = ['A.test', '8.8.8.3/29', 'a.test.', '8.8.8.0/29', '9.9.9.9', '9.9.9.9'];
    const { entries, provided, duplicatesRemoved, names } = accepted(read({ hosts }));
    expect({ entries: entries.split('\n'), provided, duplicatesRemoved, names }).toEqual({
      entries: ['A.test', '8.8.8.3/29', '9.9.9.9'],
      provided: 6,
      duplicatesRemoved: 3,
      names: 1,
    });
  });

  it('may be empty', () => {
    expect(accepted(read({ hosts: [] }))).toMatchObject({ entries: '', provided: 0, names: 0 });
  });

  it('names every bad entry, with what was meant where that is clear', () => {
    const { detail } = refused(read({ hosts: ['9.9.9.9', '8.8.8.8:80', true, 'bad host'] }));
    expect(detail.map(({ type, loc }) => [type, loc[2]])).toEqual([
      ['value_error', 1],
      ['string_type', 2],
      ['value_error', 3],
    ]);
    expect(detail[0]?.msg).toContain('did you mean 8.8.8.8?');
  });

  it('shows at most 100 characters of an entry', () => {
    expect(only(read({ hosts: ['!'.repeat(5_000)] }))?.input).toBe('!'.repeat(100));
  });

  it('lists 1,000 problems and counts all', () => {
    const { detail, total } = refused(
      read({ hosts: Array.from({ length: 2_500 }, (_, i) => `bad host ${i}`) }),
    );
    expect(detail).toHaveLength(1_000);
    expect(total).toBe(2_500);
    expect(detail[999]?.loc).toEqual(['body', 'hosts', 999]);
  });

  it('counts the union of the targets against the limit', () => {
    const limits = { maxTargets: 256 };
    accepted(read({ hosts: ['8.8.8.0/24', '8.8.8.0/25', 'a.test', 'b.test'] }, limits));
    const problem = only(read({ hosts: ['8.8.8.0/24', 'a.test', 'b.test', 'c.test'] }, limits));
    expect(problem?.loc).toEqual(['body', 'hosts']);
    expect(problem?.msg).toMatch(/257.*256/);
  });

  it('counts IPv6 networks beyond any number', () => {
    expect(only(read({ hosts: ['2600::/12'] }))?.msg).toContain('the limit is 1000000');
  });

  it('takes a million entries', () => {
    const hosts = Array.from({ length: 1_000_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const request = accepted(read({ hosts }));
    expect(request.provided).toBe(1_000_000);
    expect(request.duplicatesRemoved).toBe(0);
    expect(request.entries.length).toBe(hosts.join('\n').length);
  });

  it('never loses an entry: every one is kept, a duplicate, or named', () => {
    const entry = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
      fc
        .tuple(fc.ipV4(), fc.integer({ min: 20, max: 33 }))
        .map(([address, length]) => `${address}/${length}`),
      fc.string(),
      fc.constantFrom<unknown>(null, 5, true, '8.8.8.8\n', '\n', 'a.test\nb.test'),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (hosts) => {
        const result = read({ hosts }, { maxTargets: Number.MAX_SAFE_INTEGER });
        if (result.ok) {
          const kept = result.request.entries === '' ? [] : result.request.entries.split('\n');
          expect(kept.length + result.request.duplicatesRemoved).toBe(hosts.length);
          for (const one of kept) expect(hosts).toContain(one);
        } else if (result.detail[0]?.type !== 'too_many_targets') {
          const bad = new Set(result.detail.map(({ loc }) => loc[2]));
          const good = hosts.filter((_, index) => !bad.has(index));
          expect(read({ hosts: good }, { maxTargets: Number.MAX_SAFE_INTEGER }).ok).toBe(true);
        }
      }),
    );
  });
});
