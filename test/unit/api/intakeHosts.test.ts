import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placedEntries } from '../../../src/targets/entries/placedEntries.ts';
import { accepted, keptLines, only, read, refused } from '../../support/readRequest.ts';

describe('hosts', () => {
  it('keeps distinct entries as typed, in their order', () => {
    const hosts = ['A.test', '8.8.8.3/29', 'a.test.', '8.8.8.0/29', '9.9.9.9', '9.9.9.9'];
    const result = read({ hosts });
    const { provided, duplicatesRemoved, names } = accepted(result);
    expect(keptLines(result)).toEqual(['A.test', '8.8.8.3/29', '9.9.9.9\t4:1:1']);
    expect({ provided, duplicatesRemoved, names }).toEqual({ provided: 6, duplicatesRemoved: 3, names: 1 });
  });

  it('may be empty', () => {
    const result = read({ hosts: [] });
    expect(keptLines(result)).toEqual([]);
    expect(accepted(result)).toMatchObject({ provided: 0, names: 0 });
  });

  it('names every bad entry, with what was meant where that is clear', () => {
    const { detail } = refused(read({ hosts: ['9.9.9.9', '8.8.8.8:80', true, 'bad~host'] }));
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
      read({ hosts: Array.from({ length: 2_500 }, (_, i) => `bad~host-${i}`) }),
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

  it('reads a pasted file as it is, and keeps where each entry stood', () => {
    const file =
      '\ufeff# scope of the first week\r\na.test, 8.8.8.8 # the gateway\r\n\r\n10.0-3.*.1,5,9,9.9.9.9\r\n';
    const result = read({ hosts: ['b.test', file, ' c.test'] });
    expect(accepted(result).provided).toBe(6);
    const entries = [...placedEntries(keptLines(result).join('\n'))];
    expect(entries.map(({ text, item, line, column }) => `${text} ${item} ${line} ${column}`)).toEqual([
      'b.test 0 1 1',
      'a.test 1 2 1',
      '8.8.8.8 1 2 9',
      '10.0-3.*.1,5,9 1 4 1',
      '9.9.9.9 1 4 16',
      'c.test 2 1 2',
    ]);
  });

  it('names line and column of a bad entry that is a part of its item', () => {
    const { detail } = refused(read({ hosts: ['a.test\n  8.8.8.8:80, b.test', '8.8.8.300'] }));
    expect(detail).toEqual([
      {
        type: 'value_error',
        loc: ['body', 'hosts', 0],
        msg: 'a host has no port here; did you mean 8.8.8.8? (line 2, column 3)',
        input: '8.8.8.8:80',
        line: 2,
        column: 3,
      },
      {
        type: 'value_error',
        loc: ['body', 'hosts', 1],
        msg: 'octet 300 is not in 0..255',
        input: '8.8.8.300',
      },
    ]);
  });

  it.each(['', ' \t', '\r\n', '# nothing', ',,', '\ufeff'])('refuses %j: it holds no entry', (item) => {
    expect(only(read({ hosts: ['a.test', item] }))).toMatchObject({
      type: 'value_error',
      loc: ['body', 'hosts', 1],
      msg: 'it holds no entry: it is empty',
    });
  });

  it('warns of numbers behind a comma that look like a port or a prefix', () => {
    const warned = (...hosts: string[]) =>
      (accepted(read({ hosts }, { kind: 'plan' })).warnings ?? []).map(({ code, loc, message }) => [
        code,
        loc?.[2],
        message,
      ]);
    expect(warned('a.test', '8.8.8.10,22', '8.8.8.11,22\n8.8.8.12,5')).toEqual([
      [
        'port_column',
        1,
        expect.stringContaining('8.8.8.10,22, like 1 more entries with 22, means two addresses'),
      ],
    ]);
    expect(warned('8.8.8.0,24')).toEqual([['port_column', 0, expect.stringContaining('/24')]]);
    expect(warned('8.8.8.1,77', '8.8.8.2,77', '8.8.8.3,77')).toHaveLength(1);
    expect(
      warned('8.8.8.1,77', '8.8.8.2,77', '8.8.8.1,5,22', '8.8.8.1,22-25', '8.8.8.22', '8.8.8.1,24'),
    ).toEqual([]);
  });

  it('reads what is excluded as rules: entries end at commas and line ends, never at blanks', () => {
    const exclude = (typed: string, limits = {}) => read({ exclude: [typed] }, limits);
    expect(accepted(exclude('8.8.8.8, 8.8.8.0/24#office\n*.a.test # x')).exclude).toEqual([
      '8.8.8.8',
      '8.8.8.0/24',
      '*.a.test',
    ]);
    for (const [typed, meant] of [
      ['8.8.8.0 255.255.255.248', '8.8.8.0/255.255.255.248'],
      ['8.8.8.10 to 8.8.8.20', '8.8.8.10-8.8.8.20'],
      ['8.8.8.10 - 8.8.8.20', '8.8.8.10-8.8.8.20'],
      ['8.8.8.8 1.1.1.1', '8.8.8.8, 1.1.1.1'],
      ['-8.8.8.3', '0-8.8.8.3 (octets)'],
      ['please do not scan these', 'blank'],
      ['please', 'without a domain'],
    ] as const) {
      const problem = only(exclude(typed));
      expect(problem?.loc).toEqual(['body', 'exclude', 0]);
      expect(problem?.msg).toContain(meant);
    }
    expect(accepted(exclude('please', { allowSingleLabel: true })).exclude).toEqual(['please']);
    refused(exclude('please do', { allowSingleLabel: true }));
  });

  it('takes single labels only where they are allowed', () => {
    expect(only(read({ hosts: ['intranet'] }))?.msg).toContain('without a domain');
    expect(keptLines(read({ hosts: ['intranet'] }, { allowSingleLabel: true }))).toEqual(['intranet']);
  });

  it('counts network and broadcast addresses when they are asked for', () => {
    const hosts = ['8.8.8.0/24'];
    const limits = { maxTargets: 254 };
    accepted(read({ hosts }, limits));
    expect(only(read({ hosts, include_network_and_broadcast: true }, limits))?.msg).toContain('256 targets');
    expect(accepted(read({ hosts, include_network_and_broadcast: 'yes' })).options).toMatchObject({
      include_network_and_broadcast: true,
      on_invalid: 'refuse',
    });
  });

  it('bounds the separate ranges of all entries, and says how many there are', () => {
    const hosts = Array.from({ length: 500 }, (_, i) => `${i % 250}.*.*.${i < 250 ? 1 : 3}`);
    const problem = only(read({ hosts }, { maxTargets: Number.MAX_SAFE_INTEGER }));
    expect(problem).toMatchObject({ type: 'too_many_ranges', loc: ['body', 'hosts'] });
    expect(problem?.msg).toContain(String(500 * 65_536));
  });
});

describe('on_invalid: skip', () => {
  it('takes the good entries and lists the bad ones', () => {
    const result = read({ hosts: ['a.test', 'b.test, 8.8.8.8:80', 5, '', '9.9.9.9'], on_invalid: 'skip' });
    expect(keptLines(result)).toEqual(['a.test', '9.9.9.9\t4:1:1']);
    const { provided, invalid } = accepted(result);
    expect(provided).toBe(6);
    expect(invalid?.total).toBe(4);
    expect(invalid?.listed.map(({ loc, line, column }) => [loc[2], line, column])).toEqual([
      [1, 1, 1],
      [1, 1, 9],
      [2, undefined, undefined],
      [3, undefined, undefined],
    ]);
  });

  it.each([
    ['// 8.8.8.8 production, do not touch', [], ['begins with "//"']],
    ['8.8.8.8 // production, do not touch', [], ['left out, because', 'begins with "//"']],
    ['8.8.8.8 production do not touch', [], ['left out', 'without a domain', 'domain', 'domain', 'domain']],
    ['8.8.8.1 - 8.8.8.6', [], ['did you mean 8.8.8.1-8.8.8.6?']],
    ['8.8.8.1 8.8.8.6', [], ['8.8.8.1-8.8.8.6 (the range) or 8.8.8.1, 8.8.8.6 (the two)']],
    ['8.8.8.0 255.255.255.248', [], ['did you mean 8.8.8.0/255.255.255.248?']],
    ['8.8.8.0/29,-8.8.8.3', [], ['left out', 'a bullet, a "not", or an open octet']],
    ['- 8.8.8.8', [], ['bullet']],
    ['"8.8.8.8", "8.8.4.4"', [], ['quotation', 'quotation']],
    ['["8.8.8.8",\n"8.8.4.4"]', [], ['JSON']],
    [
      'a.test, 8.8.8.300 # x\nb.test, c.test\r\n8.8.8.8',
      ['b.test', 'c.test', '8.8.8.8'],
      ['left out', 'octet 300'],
    ],
  ])('leaves out a whole line with anything that cannot be read: %j', (item, kept, problems) => {
    const result = read({ hosts: ['9.9.9.9', item], on_invalid: 'skip' });
    const entries = [...placedEntries(keptLines(result).join('\n'))];
    expect(entries.map(({ text }) => text)).toEqual(['9.9.9.9', ...kept]);
    const { provided, invalid } = accepted(result);
    expect(invalid?.listed.map(({ msg }) => msg)).toEqual(
      problems.map((text) => expect.stringContaining(text)),
    );
    expect(provided).toBe(1 + kept.length + problems.length);
  });

  it('takes an entry that stands on a good line too', () => {
    const result = read({ hosts: ['8.8.8.8, bad~host', 'c.test\n8.8.8.8'], on_invalid: 'skip' });
    expect(accepted(result)).toMatchObject({ provided: 4, duplicatesRemoved: 0, invalid: { total: 2 } });
    expect([...placedEntries(keptLines(result).join('\n'))].map(({ text }) => text)).toEqual([
      'c.test',
      '8.8.8.8',
    ]);
  });

  it('may leave nothing, or find nothing to skip', () => {
    expect(accepted(read({ hosts: ['8.8.8.300'], on_invalid: 'skip' }))).toMatchObject({
      provided: 1,
      invalid: { total: 1 },
    });
    expect(accepted(read({ hosts: ['8.8.8.8'], on_invalid: 'skip' }))).not.toHaveProperty('invalid');
  });

  it('lists 1,000 of them', () => {
    const hosts = Array.from({ length: 2_500 }, (_, i) => `999.1.1.${i}`);
    const { invalid } = accepted(read({ hosts, on_invalid: 'skip' }));
    expect([invalid?.listed.length, invalid?.total]).toEqual([1_000, 2_500]);
  });

  it('skips entries only: everything else is still refused', () => {
    const bad = { hosts: ['8.8.8.300'], on_invalid: 'skip' };
    expect(only(read({ ...bad, timeout: 0 }))?.loc).toEqual(['body', 'timeout']);
    expect(only(read({ ...bad, open_ports_opts: { ports: ['0'] } }))?.loc[1]).toBe('open_ports_opts');
    expect(refused(read({ ...bad, on_invalid: 'ignore' })).detail.map(({ loc }) => loc[1])).toEqual([
      'on_invalid',
      'hosts',
    ]);
  });
});

describe('any list', () => {
  it('loses no entry: every one is kept, a duplicate, or named', () => {
    const entry = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
      fc
        .tuple(fc.ipV4(), fc.integer({ min: 20, max: 33 }))
        .map(([address, length]) => `${address}/${length}`),
      fc.tuple(fc.ipV4(), fc.nat(300)).map(([address, last]) => `${address}-${last}`),
      fc.string(),
      fc.constantFrom<unknown>(null, 5, true, '8.8.8.8\n', '\n', 'a.test\nb.test', '10.0.0.1,5,a.test'),
    );
    const limits = { maxTargets: Number.MAX_SAFE_INTEGER };
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (hosts) => {
        const skipped = read({ hosts, on_invalid: 'skip' }, limits);
        if (!skipped.ok && skipped.detail[0]?.type === 'too_many_targets') return;
        const { provided, duplicatesRemoved, invalid } = accepted(skipped);
        expect(keptLines(skipped).length + duplicatesRemoved + (invalid?.total ?? 0)).toBe(provided);
        expect(provided).toBeGreaterThanOrEqual(hosts.length);
        for (const { text, item, line, column } of placedEntries(keptLines(skipped).join('\n'))) {
          const typed = String(hosts[item]).split(/\r\n|\r|\n/)[line - 1];
          expect(typed?.slice(column - 1, column - 1 + text.length)).toBe(text);
        }
        const strict = read({ hosts }, limits);
        if (invalid === undefined) expect(keptLines(strict)).toEqual(keptLines(skipped));
        else {
          // What could be read by itself is left out with its line, but is no fault of the request.
          expect(refused(strict).total).toBeLessThanOrEqual(invalid.total);
          expect(refused(strict).total).toBe(
            invalid.listed.filter(({ type }) => type !== 'line_left_out').length,
          );
        }
      }),
    );
  });
});
