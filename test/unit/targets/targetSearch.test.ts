import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../src/targets/address/address.ts';
import { addressIndex } from '../../../src/targets/sets/addressIndex.ts';
import { fromRanges, has, rangesOf } from '../../../src/targets/sets/addressSet.ts';
import { pairs } from '../../../src/targets/sets/intervals.ts';
import { placesIn, placesOf, readTargetSearch } from '../../../src/targets/targetSearch.ts';

function searchOf(text: string) {
  const read = readTargetSearch(text);
  if (!read.ok) throw new Error(read.problem);
  return read.search;
}

/** The ranges, ends included. */
const found = (text: string) =>
  [...rangesOf(searchOf(text).addresses)].map(({ start, end }) => {
    const last = typeof end === 'number' ? end - 1 : end - 1n;
    return start === last ? formatAddress(start) : `${formatAddress(start)}-${formatAddress(last)}`;
  });

describe('what somebody looks for', () => {
  it('is addresses in any notation of targets, of a network all', () => {
    expect(found(' 8.8.8.0/24 ')).toEqual(['8.8.8.0-8.8.8.255']);
    expect(found('8.8.8.8')).toEqual(['8.8.8.8']);
    expect(found('8.8.8.1-8.8.9.2')).toEqual(['8.8.8.1-8.8.9.2']);
    expect(found('8.8.*.1-2')).toHaveLength(256);
    expect(found('2001:DB8::/127')).toEqual(['2001:db8::-2001:db8::1']);
    expect(found('2001:db8::8')).toEqual(['2001:db8::8']);
    for (const text of ['8.8.8.0/24', '8.8.8.8', '2001:db8::8', '2001:db8:'])
      expect(searchOf(text).part, text).toBeUndefined();
  });

  it('is the beginning of an address as it is written', () => {
    expect(found('8.8.')).toEqual(['8.8.0.0-8.8.255.255']);
    expect(found('8.8.1')).toEqual(['8.8.1.0-8.8.1.255', '8.8.10.0-8.8.19.255', '8.8.100.0-8.8.199.255']);
    expect(found('25')).toEqual(['25.0.0.0-25.255.255.255', '250.0.0.0-255.255.255.255']);
    expect(found('0')).toEqual(['0.0.0.0-0.255.255.255']);
    expect(found('2001:db8:')).toEqual(['2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']);
    expect(found('2001:db8::')).toEqual(found('2001:db8:'));
    expect(found('2001:db8:fff')).toEqual([
      '2001:db8:fff::-2001:db8:fff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8:fff0::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
    expect(found('1:2:3:4:5:6:7:')).toEqual(['1:2:3:4:5:6:7:0-1:2:3:4:5:6:7:ffff']);
  });

  it('begins exactly the addresses that are written so', () => {
    const addresses = [0, 1, 2 ** 32 - 1];
    for (let step = 1; step < 4_000; step += 1) addresses.push((step * 2_654_435_761) % 2 ** 32);
    for (const text of ['1', '12', '8.', '19.1', '19.19.1', '200.2', '255.255.255.', '172.16.3'])
      for (const address of addresses)
        expect(has(searchOf(text).addresses, address), `${text} ${formatAddress(address)}`).toBe(
          formatAddress(address).startsWith(text),
        );
  });

  it('is a part of a name otherwise, in small letters, and of an international one whole labels', () => {
    expect(searchOf('WWW.Ex')).toMatchObject({ part: 'www.ex' });
    expect(searchOf('münchen')).toMatchObject({ part: 'xn--mnchen-3ya' });
    expect(searchOf('-DMZ')).toMatchObject({ part: '-dmz' });
    // Both an address and a name may begin so.
    expect(searchOf('10.')).toMatchObject({ part: '10.' });
    // No address begins so.
    for (const text of ['8.8.8.300', '08.', '1.2.3.4.']) {
      expect(searchOf(text).part).toBe(text);
      expect(found(text)).toEqual([]);
    }
  });

  it('is refused when it can be neither', () => {
    expect(readTargetSearch('8.8.8.0/33')).toMatchObject({ ok: false, problem: 'prefix 33 is not in 0..32' });
    expect(readTargetSearch('10.10.128/17')).toMatchObject({ ok: false, suggestion: '10.10.128.0/17' });
    for (const text of ['a b', 'a,b', '*.example.com', 'http://x.test', 'fe80::1%eth0', 'x/y'])
      expect(readTargetSearch(text), text).toMatchObject({ ok: false });
  });
});

describe('places', () => {
  it('are numbers in an index, as few ranges as there are', () => {
    const range = (text: string) => {
      const [first = '', last = first] = text.split('-');
      const [start, end] = [parseAddress(first), parseAddress(last)];
      if (typeof start !== 'number' || typeof end !== 'number') throw new Error(text);
      return { start, end: end + 1 };
    };
    const index = addressIndex(fromRanges(['9.0.0.0-9.0.0.9', '11.0.0.0-11.255.255.255'].map(range)));
    const wanted = fromRanges(
      ['1.1.1.1', '9.0.0.8-11.0.0.1', '11.0.0.9', '11.255.255.255-12.0.0.0'].map(range),
    );
    expect([...pairs(placesIn(index, wanted))]).toEqual([
      [8, 12],
      [19, 20],
      [index.size - 1, index.size],
    ]);
    expect([...pairs(placesOf([1, 2, 5]))]).toEqual([
      [1, 3],
      [5, 6],
    ]);
  });
});
