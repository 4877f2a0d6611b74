import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { parseEntry, rangesOfEntry } from '../../../src/targets/entries/entry.ts';

const LABEL_63 = 'a'.repeat(63);
/** Four labels, 253 characters. */
const NAME_253 = [LABEL_63, LABEL_63, LABEL_63, 'a'.repeat(61)].join('.');

/** First and last address of each range. */
function spans(entry: Parameters<typeof rangesOfEntry>[0], networkAndBroadcast: boolean): string[][] {
  return rangesOfEntry(entry, { networkAndBroadcast }).map(({ start, end }) => [
    formatAddress(start),
    formatAddress(typeof end === 'number' ? end - 1 : end - 1n),
  ]);
}

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
    ['8.8.8.1-9', 'range 8.8.8.1-9'],
    ['8.8.8.1-8.8.8.9', 'range 8.8.8.1-9'],
    ['8.8.8.1-2,3-9,5', 'range 8.8.8.1-9'],
    ['8.8.8.250-8.8.9.3', 'range 8.8.8.250-8.8.9.3'],
    ['0.0.0.0-255.255.255.255', 'range 0.0.0.0-255.255.255.255'],
    ['*.*.*.*', 'range 0.0.0.0-255.255.255.255'],
    ['10.0-3.*.*', 'range 10.0.0.0-10.3.255.255'],
    ['10.0.0-255.*', 'range 10.0.0.0-10.0.255.255'],
    ['10.0.0.0-5', 'range 10.0.0.0-5'],
    ['10.0.0.250-255', 'range 10.0.0.250-255'],
    ['10.0.0.1-1', 'address 10.0.0.1'],
    ['10.0.0.1,1', 'address 10.0.0.1'],
    ['10.0.0.1-10.0.0.1', 'address 10.0.0.1'],
    ['::ffff:10.0.0.1-::ffff:10.0.0.9', 'range 10.0.0.1-9'],
    ['2001:DB8::1-2001:db8::ff', 'range 2001:db8::1-2001:db8::ff'],
    ['2001:db8::1-2001:db8:0::1', 'address 2001:db8::1'],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'range ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['10.0-3.*.1,5,9', 'octets 10.0-3.*.1,5,9'],
    ['10.3,0-2.0-255.9,5,1-1', 'octets 10.0-3.*.1,5,9'],
    ['10.0.0.1,3', 'octets 10.0.0.1,3'],
    ['10.*.*.1', 'octets 10.*.*.1'],
    ['A.Test', 'name a.test'],
    ['a.test.', 'name a.test'],
    ['under_score.lab.test', 'name under_score.lab.test'],
    ['8.8.8.com', 'name 8.8.8.com'],
    ['3com.test', 'name 3com.test'],
    ['a--b.test', 'name a--b.test'],
    ['Bücher.lab.test', 'name xn--bcher-kva.lab.test'],
    ['日本語abc.test', 'name xn--abc-s08fl0dtz6h.test'],
    ['аррӏе.test', 'name xn--80ak6aa92e.test'],
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
    expect(spans(parsed.entry, false)).toEqual([[first, last]]);
  });

  it.each([
    ['8.8.8.77/24', [['8.8.8.0', '8.8.8.255']]],
    ['8.8.8.0/30', [['8.8.8.0', '8.8.8.3']]],
    ['8.8.8.0/31', [['8.8.8.0', '8.8.8.1']]],
    ['8.8.8.*', [['8.8.8.0', '8.8.8.255']]],
    [
      '8.8.8.0,255',
      [
        ['8.8.8.0', '8.8.8.0'],
        ['8.8.8.255', '8.8.8.255'],
      ],
    ],
  ])('%s with network and broadcast is %j', (typed, expected) => {
    const parsed = parseEntry(typed);
    if (!parsed.ok || parsed.entry.kind === 'name') throw new Error(`${typed} is no address`);
    expect(spans(parsed.entry, true)).toEqual(expected);
    // Ranges and octet forms are taken as typed, whatever is chosen for networks.
    if (parsed.entry.kind !== 'network') expect(spans(parsed.entry, false)).toEqual(expected);
  });

  it('takes a single label only where it is allowed', () => {
    for (const typed of ['intranet', 'LOCALHOST.', '3com']) {
      expect(parseEntry(typed)).toMatchObject({
        ok: false,
        problem: expect.stringContaining('without a domain'),
      });
      expect(parseEntry(typed, { allowSingleLabel: true })).toMatchObject({
        ok: true,
        entry: { kind: 'name' },
      });
    }
  });
});

describe('what is refused, and what is suggested', () => {
  it.each<[typed: string, problem: string, suggestion?: string]>([
    ['', 'empty'],
    ['  \t', 'empty'],
    ['bad host', 'blank'],
    ['8.8.8.8 1.1.1.1', 'blank', '8.8.8.8, 1.1.1.1'],
    ['8.8.8.0 255.255.255.248', 'slash and without a blank', '8.8.8.0/255.255.255.248'],
    ['8.8.8.0\t255.255.255.248', 'slash and without a blank', '8.8.8.0/255.255.255.248'],
    ['8.8.8.0,255.255.255.248', 'slash and without a blank', '8.8.8.0/255.255.255.248'],
    ['8.8.8.0 0.0.0.255', 'slash and without a blank', '8.8.8.0/0.0.0.255'],
    ['8.8.8.8 0.0.0.0', 'slash', '8.8.8.8/32 (a wildcard mask) or 8.8.8.8/0 (a netmask)'],
    ['8.8.8.0 mask 255.255.255.0', 'slash', '8.8.8.0/255.255.255.0'],
    ['8.8.8.0 netmask 255.255.255.0', 'slash', '8.8.8.0/255.255.255.0'],
    ['8.8.8.0 / 24', 'slash and without a blank', '8.8.8.0/24'],
    ['8.8.8.0 /24', 'slash and without a blank', '8.8.8.0/24'],
    ['8.8.8.0 24', 'slash and without a blank', '8.8.8.0/24'],
    ['8.8.8.8 22', 'a port does not belong here', '8.8.8.8'],
    ['8.8.8.8,443', 'a port does not belong here', '8.8.8.8'],
    ['2001:db8:: /64', 'slash and without a blank', '2001:db8::/64'],
    ['8.8.8.10 to 8.8.8.20', 'with a hyphen and without a blank', '8.8.8.10-8.8.8.20'],
    ['8.8.8.10 - 8.8.8.20', 'with a hyphen and without a blank', '8.8.8.10-8.8.8.20'],
    ['8.8.8.10 – 20', 'with a hyphen and without a blank', '8.8.8.10-20'],
    ['8.8.8.10- 8.8.8.20', 'with a hyphen and without a blank', '8.8.8.10-8.8.8.20'],
    ['8.8.8.10 -8.8.8.20', 'not to be scanned', '8.8.8.10-8.8.8.20 (a range) or 8.8.8.20 in exclude'],
    ['8.8.8.1 through 8.8.8.9', 'with a hyphen', '8.8.8.1-8.8.8.9'],
    ['8.8.8.20 to 8.8.8.10', 'with a hyphen', '8.8.8.10-20'],
    [
      '010.0.0.1 to 010.0.0.9',
      'hyphen',
      '10.0.0.1-9 (if decimal was meant) or 8.0.0.1-9 (if octal was meant)',
    ],
    ['2001:db8:: to 2001:db8::f', 'with a hyphen', '2001:db8::-2001:db8::f'],
    ['8.8.8.1 8.8.8.6', 'or a list of two', '8.8.8.1-8.8.8.6 (the range) or 8.8.8.1, 8.8.8.6 (the two)'],
    ['10.0.0.-5', 'open at one end', '10.0.0.0-5'],
    ['10.0.0.250-', 'open at one end', '10.0.0.250-255'],
    ['10.-.0.1', 'open at one end', '10.*.0.1'],
    ['10.0.0.1,-5', 'open at one end', '10.0.0.0-5'],
    ['-.-.-.-', 'open octet', '0.0.0.0-255.255.255.255'],
    ['-', 'hyphen'],
    [
      '-8.8.8.3',
      'a bullet, a "not", or an open octet',
      '8.8.8.3 (a bullet), 8.8.8.3 in exclude (a "not") or 0-8.8.8.3 (octets)',
    ],
    ['-8.8.8.0/29', 'a bullet, a "not"', '8.8.8.0/29 (a bullet), 8.8.8.0/29 in exclude (a "not")'],
    ['–8.8.8.3', 'dash', '8.8.8.3 (a bullet), 8.8.8.3 in exclude (a "not") or 0-8.8.8.3 (octets)'],
    ['// 8.8.8.8 production', 'begins with "//"', '# 8.8.8.8 production (if it is a comment)'],
    [';8.8.8.8', 'begins with ";"', '# 8.8.8.8 (if it is a comment)'],
    ['!8.8.8.8', 'begins with "!"', '8.8.8.8 in exclude, or # 8.8.8.8 (a comment)'],
    ['- 8.8.8.8', 'begins with a bullet (-)', '8.8.8.8'],
    ['* 8.8.8.0/29', 'begins with a bullet (*)', '8.8.8.0/29'],
    ['• 8.8.8.1-6', 'begins with a bullet (•)', '8.8.8.1-6'],
    ['•8.8.8.1', 'begins with a bullet (•)', '8.8.8.1'],
    ['1. a.test', 'begins with a bullet (1.)', 'a.test'],
    ["'8.8.8.8'", "quotation mark (')", '8.8.8.8'],
    ['"8.8.8.8"', 'quotation mark (")', '8.8.8.8'],
    ['`a.test`', 'quotation mark (`)', 'a.test'],
    ['“8.8.8.8”', 'quotation mark (“)', '8.8.8.8'],
    ['["8.8.8.8", "a.test"]', 'JSON', '8.8.8.8, a.test'],
    ['[{"ip": "8.8.8.8"}]', 'JSON'],
    ['8.8.8.8，8.8.4.4', '"，" (U+FF0C)', '8.8.8.8, 8.8.4.4'],
    ['8.8.8.8、8.8.4.4', '"、" (U+3001)', '8.8.8.8, 8.8.4.4'],
    ['8.8.8.8；', '"；" (U+FF1B)', '8.8.8.8'],
    ['8.8.8.8|8.8.4.4', '"|"', '8.8.8.8, 8.8.4.4'],
    ['8\u0000.\u00008\u0000', 'UTF-16'],
    ['\u00008\u0000.', 'UTF-16'],
    ['a.test#b', 'a name has no #', 'a.test #b'],
    ['8.8.8.8/ 24', 'blank', '8.8.8.8/24'],
    ['bad\u00a0host', 'blank'],
    [' 8.8.8.8', 'blank', '8.8.8.8'],
    ['a.test\n', 'blank', 'a.test'],
    ['a.test\nb.test', 'control character'],
    ['a\u0000b', 'control character (U+0000)'],
    ['a\u007fb', 'control character'],
    ['\ud800.test', 'control character'],
    ['exa\u200bmple.test', 'invisible character (U+200B)', 'example.test'],
    ['a\ufe0f.test', 'invisible character (U+FE0F)', 'a.test'],
    ['a.test\u202e', 'turns the text (U+202E)', 'a.test'],
    ['\u200f8.8.8.8', 'turns the text (U+200F)', '8.8.8.8'],
    ['a\u2066b.test', 'turns the text (U+2066)', 'ab.test'],
    ['p\u0430ypal.test', '(U+0430) is Cyrillic', 'paypal.test'],
    ['xn--pypal-4ve.test', '(U+0430) is Cyrillic', 'paypal.test'],
    ['b\u03bfb.test', '(U+03BF) is Greek', 'bob.test'],
    ['\u0444oo.test', '(U+0444) is Cyrillic'],
    ['\u0444\u03c6.test', '(U+03C6) is Greek'],
    ['http://intranet/path', 'URL'],
    ['intranet', 'without a domain'],
    ['localhost', 'without a domain'],
    ['a.test,b.test', 'looks like a list', 'a.test, b.test'],
    ['a.test;b.test', 'looks like a list', 'a.test, b.test'],
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
    ['10.0.0.9-10.0.0.1', 'the range runs backwards', '10.0.0.1-9'],
    ['10.0.0.9-1', 'the range 9-1 runs backwards', '10.0.0.1-9'],
    ['10.9-1.*.1,2', 'the range 9-1 runs backwards', '10.1-9.*.1-2'],
    ['a::ff-a::1', 'the range runs backwards', 'a::1-a::ff'],
    ['10.0.0.1-2001:db8::1', 'begins in one address family and ends in the other'],
    ['2001:db8::1-10.0.0.1', 'begins in one address family and ends in the other'],
    ['2001:db8::1-ff', 'full address on both sides', '2001:db8::1-2001:db8::ff'],
    ['10.0.0.1-10.0.5', 'end of the range is no address: the address has 3 octets'],
    ['10.0.0-10.0.0.5', 'beginning of the range is no address: the address has 3 octets'],
    [
      '010.0.0.1-010.0.0.9',
      'leading zero',
      '10.0.0.1-9 (if decimal was meant) or 8.0.0.1-9 (if octal was meant)',
    ],
    ['10.0.0.01-05', 'leading zero', '10.0.0.1-5'],
    ['10.0.010.1,2', 'leading zero', '10.0.10.1-2 (if decimal was meant) or 10.0.8.1-2 (if octal was meant)'],
    ['10.0.0.1-300', 'octet 300 is not in 0..255'],
    ['10.0-3.*', '3 octets instead of 4'],
    ['10.0.0.1-9.', 'trailing dot', '10.0.0.1-9'],
    ['10.0.0.1--9', '"1--9" is neither'],
    ['10.0.0.1*', '"1*" is neither'],
    ['10.0.0.1,', 'empty octet'],
    ['*', '1 octets instead of 4'],
    ['10.*.*.1,3', '131072 separate ranges, at most 65536'],
    ['0,2,4,6.*.*.1,3,5,7,9', '1310720 separate ranges'],
    ['10.0-3.0.0/24', 'a prefix cannot follow a range or an octet form'],
    ['10.0.0.0-10.0.3.0/24', 'a prefix cannot follow a range or an octet form'],
    ['10.0.0.1–5', 'a dash (U+2013)', '10.0.0.1-5'],
    ['10.10.128/17', '3 of 4 octets', '10.10.128.0/17'],
    ['10/8', '1 of 4 octets', '10.0.0.0/8'],
    ['300/8', '1 of 4 octets'],
    ['8.8.8.300/24', 'octet 300'],
    ['010.0.0.0/8', 'leading zero', '10.0.0.0/8 (if decimal was meant) or 8.0.0.0/8 (if octal was meant)'],
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
    ['-a.test', 'hyphen', 'a.test (a bullet), a.test in exclude (a "not")'],
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
    ['a'.repeat(4_097), 'longer than 4096'],
  ])('%j: %s', (typed, problem, suggestion) => {
    const parsed = parseEntry(typed);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(parsed.ok ? undefined : parsed.suggestion).toBe(suggestion);
  });
});
