/** A second reading of addresses, made of other parts than Tasker's: slow, and meant to be seen through at once. */
import { isIPv4, isIPv6 } from 'node:net';

/** First and last address of each range, as `4:<number>` or `6:<number>`. Network and broadcast addresses included. */
export type StrictRanges = { family: 4 | 6; ranges: [first: bigint, last: bigint][] };

/** What a text means if it is an address, a network, a range or an octet form; undefined for all else. */
export function readStrictly(text: string): StrictRanges | undefined {
  const single = addressOf(text);
  if (single) return { family: single.family, ranges: [[single.value, single.value]] };
  if (text.includes('/')) return networkOf(text);
  return rangeOf(text) ?? octetsOf(text);
}

function addressOf(text: string): { family: 4 | 6; value: bigint } | undefined {
  if (isIPv4(text)) return { family: 4, value: joined(text.split('.').map(Number), 8n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const value = ipv6Value(text);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

function ipv6Value(text: string): bigint {
  // The URL standard's serializer is a third implementation; it gives hexadecimal groups only.
  const host = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = '', tail] = host.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  return joined([...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right], 16n);
}

function joined(parts: number[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
}

function networkOf(text: string): StrictRanges | undefined {
  const [left = '', right = '', ...more] = text.split('/');
  if (more.length > 0 || addressOf(left) === undefined) return undefined;
  const bits = isIPv4(left) ? 32 : 128;
  const prefix = /^(0|[1-9][0-9]*)$/.test(right)
    ? Number(right)
    : bits === 32
      ? maskPrefix(right)
      : undefined;
  if (prefix === undefined || prefix > bits) return undefined;
  const value = bits === 32 ? joined(left.split('.').map(Number), 8n) : ipv6Value(left);
  const host = BigInt(bits - prefix);
  const first = (value >> host) << host;
  const last = first + (1n << host) - 1n;
  const mapped = bits === 128 && prefix >= 96 && first >> 32n === 0xffffn;
  if (mapped) return { family: 4, ranges: [[first & 0xffffffffn, last & 0xffffffffn]] };
  return { family: bits === 32 ? 4 : 6, ranges: [[first, last]] };
}

function maskPrefix(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  const bits = text
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  if (/^1*0*$/.test(bits)) return bits.replaceAll('0', '').length;
  return /^0*1*$/.test(bits) ? bits.replaceAll('1', '').length : undefined;
}

function rangeOf(text: string): StrictRanges | undefined {
  const [left, right, ...more] = text.split('-').map(addressOf);
  if (!left || !right || more.length > 0 || left.family !== right.family) return undefined;
  return left.value > right.value ? undefined : { family: left.family, ranges: [[left.value, right.value]] };
}

function octetsOf(text: string): StrictRanges | undefined {
  const octets = text.split('.').map(octetValues);
  if (octets.length !== 4 || octets.some((values) => values === undefined)) return undefined;
  let all: bigint[] = [0n];
  for (const values of octets) {
    // What is too much to count is not compared: as a whole-space range it is no counter-example either.
    if (all.length * (values?.size ?? 0) > 300_000) return undefined;
    all = all.flatMap((before) => [...(values ?? [])].map((value) => before * 256n + BigInt(value)));
  }
  const ranges: [bigint, bigint][] = [];
  for (const address of all) {
    const last = ranges.at(-1);
    if (last && last[1] + 1n === address) last[1] = address;
    else ranges.push([address, address]);
  }
  return { family: 4, ranges };
}

/** Ascending. */
function octetValues(octet: string): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of octet.split(',')) {
    const [, single, from, to] =
      /^(?:(0|[1-9]\d{0,2})|(0|[1-9]\d{0,2})-(0|[1-9]\d{0,2})|\*)$/.exec(item) ?? [];
    if (single === undefined && from === undefined && item !== '*') return undefined;
    const first = Number(single ?? from ?? 0);
    const last = Number(single ?? to ?? 255);
    if (first > last || last > 255) return undefined;
    for (let value = first; value <= last; value++) values.add(value);
  }
  return new Set([...values].sort((a, b) => a - b));
}
