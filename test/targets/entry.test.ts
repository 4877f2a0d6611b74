import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/targets/address.ts';
import { parseEntry } from '../../src/targets/entry.ts';

const LABEL_63 = 'a'.repeat(63);
/** Four labels, 253 characters. */
const NAME_253 = [LABEL_63, LABEL_63, LABEL_63, 'a'.repeat(61)].join('.');

function normalOf(typed: string): string {
  const parsed = parseEntry(typed);
  return parsed.ok ? `${parsed.entry.kind} ${parsed.entry.normal}` : `refused: ${parsed.problem}`;
}

describe('what is understood', () => {
  it.each([
    ['8.8.8.8', 'address 8.8.8.8'],
    ['2606:4700:4700:0::1111', 'address 2606:4700:4700::1111'],
    ['::FFFF:8.8.8.8', 'address 8.8.8.8'],
    ['8.8.8.8/32', 'network 8.8.8.8/32'],
    ['8.8.8.77/24', 'network 8.8.8.0/24'],
    ['8.8.8.3/29', 'network 8.8.8.0/29'],
    ['255.255.255.255/0', 'network 0.0.0.0/0'],
    ['8.8.8.0/255.255.255.0', 'network 8.8.8.0/24'],
    ['8.8.8.8/255.255.255.255', 'network 8.8.8.8/32'],
    ['8.8.8.8/0.0.0.0', 'network 0.0.0.0/0'],
    ['8.8.8.0/0.0.0.3', 'network 8.8.8.0/30'],
    ['8.8.8.0/127.255.255.255', 'network 0.0.0.0/1'],
    ['2001:DB8:1::1/32', 'network 2001:db8::/32'],
    ['2001:db8::1/128', 'network 2001:db8::1/128'],
    ['ffff::/0', 'network ::/0'],
    ['::ffff:8.8.8.9/120', 'network 8.8.8.0/24'],
    ['::ffff:8.8.8.9/95', 'network ::fffe:0:0/95'],
    ['A.Test', 'name a.test'],
    ['a.test.', 'name a.test'],
    ['under_score.lab.test', 'name under_score.lab.test'],
    ['shortlabel', 'name shortlabel'],
    ['8.8.8.com', 'name 8.8.8.com'],
    ['3com', 'name 3com'],
    ['a--b', 'name a--b'],
    ['Bücher.lab.test', 'name xn--bcher-kva.lab.test'],
    ['xn--bcher-kva.lab.test', 'name xn--bcher-kva.lab.test'],
    ['a.xn--p1ai', 'name a.xn--p1ai'],
    ['пример.рф.', 'name xn--e1afmkfd.xn--p1ai'],
    ['a。b', 'name a.b'],
    [`${LABEL_63}.test`, `name ${LABEL_63}.test`],
    [NAME_253, `name ${NAME_253}`],
    [`${NAME_253}.`, `name ${NAME_253}`],
  ])('%s is %s', (typed, normal) => {
    expect(normalOf(typed)).toBe(normal);
  });

  it.each([
    ['8.8.8.0/24', '8.8.8.1', '8.8.8.254'],
    ['8.8.8.0/30', '8.8.8.1', '8.8.8.2'],
    ['8.8.8.8/31', '8.8.8.8', '8.8.8.9'],
    ['8.8.8.8/32', '8.8.8.8', '8.8.8.8'],
    ['0.0.0.0/0', '0.0.0.1', '255.255.255.254'],
    ['255.255.255.255/32', '255.255.255.255', '255.255.255.255'],
    ['2001:db8::/126', '2001:db8::', '2001:db8::3'],
    ['2001:db8::/128', '2001:db8::', '2001:db8::'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s has the hosts %s to %s', (typed, first, last) => {
    const parsed = parseEntry(typed);
    if (!parsed.ok || parsed.entry.kind !== 'network') throw new Error(`${typed} is no network`);
    const { start, end } = parsed.entry.range;
    const lastAddress = typeof end === 'number' ? end - 1 : end - 1n;
    expect([formatAddress(start), formatAddress(lastAddress)]).toEqual([first, last]);
  });
});

describe('what is refused, and what is suggested', () => {
  it.each<[typed: string, problem: string, suggestion?: string]>([
    ['', 'empty'],
    ['  \t', 'empty'],
    ['bad host', 'blank'],
    ['8.8.8.8/ 24', 'blank'],
    ['bad\u00a0host', 'blank'],
    [' 8.8.8.8', 'blank', '8.8.8.8'],
    ['a.test\n', 'blank', 'a.test'],
    ['a.test\nb.test', 'control character'],
    ['a\u0000b', 'control character'],
    ['a\u007fb', 'control character'],
    ['\ud800.test', 'control character'],
    ['exa\u200bmple.test', 'invisible', 'example.test'],
    ['a.test,b.test', 'one entry per string'],
    ['a.test;b.test', 'one entry per string'],
    ['010.0.0.1', 'leading zero', '10.0.0.1 (if decimal was meant) or 8.0.0.1 (if octal was meant)'],
    ['1.2.3.004', 'octet 004', '1.2.3.4'],
    ['089.1.1.1', 'leading zero', '89.1.1.1'],
    ['0377.1.1.1', 'leading zero', '255.1.1.1'],
    ['0999.1.1.1', 'leading zero'],
    ['10.1', '2 octets'],
    ['1.2.3.4.5', '5 octets'],
    ['1..2.3', 'empty octet'],
    ['1.2.3.4.', 'trailing dot', '1.2.3.4'],
    ['300.1.1.1', 'octet 300 is not in 0..255'],
    ['1.1.1.99999999999999999999', 'octet 9999999999… is not in 0..255'],
    ['134744072', 'whole number', '8.8.8.8'],
    ['5', 'whole number'],
    ['4294967296', 'whole number'],
    ['0x08080808', 'hexadecimal', '8.8.8.8'],
    ['0x8.0x8.0x8.0x8', 'hexadecimal', '8.8.8.8'],
    ['8.8.8.0x8', 'hexadecimal'],
    ['8.8.8.1-9', 'range'],
    ['8.8.8.1-8.8.8.9', 'range'],
    ['10.10.128/17', '3 of 4 octets', '10.10.128.0/17'],
    ['10/8', '1 of 4 octets', '10.0.0.0/8'],
    ['300/8', '1 of 4 octets'],
    ['8.8.8.300/24', 'octet 300'],
    ['010.0.0.0/8', 'leading zero'],
    ['8.8.8.0/33', 'prefix 33 is not in 0..32'],
    ['8.8.8.0/-1', 'prefix -1 is not in 0..32'],
    ['2001:db8::/129', 'prefix 129 is not in 0..128'],
    ['8.8.8.0/024', 'leading zero', '8.8.8.0/24'],
    ['8.8.8.0/', 'no prefix length'],
    ['8.8.8.0/2４', 'no prefix length'],
    ['/24', 'not an address'],
    ['8.8.8.0/24/8', 'more than one slash'],
    ['8.8.8.0/255.0.255.0', 'not contiguous'],
    ['2001:db8::/255.255.0.0', 'no prefix length'],
    ['a.test/24', 'not an address', 'a.test'],
    ['a.test/path/more', 'more than one slash', 'a.test'],
    ['8.8.8.8:80', 'port', '8.8.8.8'],
    ['A.test:443', 'port', 'a.test'],
    ['a.test:http', 'port'],
    ['http://A.test/path', 'URL', 'a.test'],
    ['https://user:word@a.test:8443/?q', 'URL', 'a.test'],
    ['http://[2001:db8::1]:80/', 'URL', '2001:db8::1'],
    ['http://', 'URL'],
    ['[2001:db8::1]', 'brackets', '2001:db8::1'],
    ['[2001:db8::1]:80', 'brackets', '2001:db8::1'],
    ['fe80::1%eth0', 'zone', 'fe80::1'],
    ['1:2:3', 'not an IPv6 address'],
    ['1:2:3::4:5:6:7:8', 'not an IPv6 address'],
    ['a..test', 'empty label'],
    ['.', 'empty label'],
    ['a.test..', 'empty label'],
    ['-a.test', 'hyphen'],
    ['a-.test', 'hyphen'],
    ['bü-.test', 'hyphen'],
    ['a*.test', 'character "*"'],
    ['ü@a.test', 'character "@"'],
    ['a.123', 'end in a number'],
    ['a.0x1f', 'hexadecimal'],
    ['８.８.８.８', 'end in a number'],
    ['８.8.8', 'end in a number'],
    ['٣.٣.٣.٣', 'end in a number'],
    ['a.１', 'end in a number'],
    ['bü／x.test', 'not a valid international name'],
    ['［::1］', 'not an IPv6 address'],
    [`${'a'.repeat(64)}.test`, 'longer than 63'],
    [`${NAME_253}a`, 'longer than 253'],
    [`${'a.'.repeat(126)}aa`, 'longer than 253'],
    ['a'.repeat(401), 'longer than 400'],
  ])('%j: %s', (typed, problem, suggestion) => {
    const parsed = parseEntry(typed);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(parsed.ok ? undefined : parsed.suggestion).toBe(suggestion);
  });

  it('looks at the length before it looks at 30 MB', () => {
    const startedAt = performance.now();
    for (const piece of ['1.', ' ', ':', '/', 'ü', '-', '[', '%'])
      expect(parseEntry(piece.repeat(15_000_000)).ok).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
