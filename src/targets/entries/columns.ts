/** Words with blanks between them that mean one thing to whoever typed them: `8.8.8.0 255.255.255.0`, `8.8.8.1 to 8.8.8.9`. */
import { type Address, parseAddress, parseIpv4 } from '../address/address.ts';
import { parseNetwork } from '../address/network.ts';
import type { BadText } from './leadingZero.ts';

/** What the first words mean together. */
interface Together extends BadText {
  count: number;
}

/** An address, network or number, right or wrong, or a slash or hyphen behind it. */
const NUMERIC = /^\/?(?:\d[\d.]*|[\da-f.]*:[\da-f:.]*)(?:\/[\d.]*|[-\u2010-\u2015\u2212])?$/iu;
const HYPHEN = /^(?:[-~…]|[\u2010-\u2015\u2212])$/u;
const TO = /^(?:to|through|thru|until|till|\.{2,3})$/i;
const MASK = /^(?:mask|netmask|wildcard|prefix|\/)$/i;
const ENDS_OPEN = /[-\u2010-\u2015\u2212]$/u;
const BEGINS_OPEN = /^[-\u2010-\u2015\u2212]/u;
/** Behind an address. */
const MASK_COLUMN = /,[^\S\r\n]{0,10}(?:255|0)\.[\d.]{5,11}(?![^\s,#])/uy;
const ZERO_MASK = '0.0.0.0';

/**
 * How many of the words at the beginning are one thing that can be read in two ways; 1 if each stands for itself.
 *
 * @param words of three at most
 * @param alone whether there are no others in the field
 */
export function wordsTogether(words: readonly string[], alone: boolean): number {
  return together(words, alone)?.count ?? 1;
}

/** What is wrong with a text that has blanks in it, if it is clear what its words mean together. */
export function describeColumns(typed: string): BadText | undefined {
  const [left, right] = maskColumns(typed) ?? [];
  if (left !== undefined && right !== undefined) return asNetwork(left, right);
  const words = typed.split(/[^\S\r\n]+/u, 4);
  const found = words.length > 1 ? together(words, words.length === 2) : undefined;
  return found?.count === words.length ? found : undefined;
}

/**
 * Where the mask ends that follows an address and a comma, as in a table's columns; otherwise `end`. No mask is ever
 * a target, so two addresses were not meant.
 */
export function maskColumnEnd(text: string, from: number, end: number): number {
  MASK_COLUMN.lastIndex = end;
  if (!MASK_COLUMN.test(text)) return end;
  return maskColumns(text.slice(from, MASK_COLUMN.lastIndex)) === undefined ? end : MASK_COLUMN.lastIndex;
}

function maskColumns(typed: string): [address: string, mask: string] | undefined {
  if (typed.length > 50) return undefined;
  const [, left = '', right = ''] = /^([\d.]+),\s*([\d.]+)$/.exec(typed) ?? [];
  return right !== ZERO_MASK && isMask(right) && parseIpv4(left) !== undefined ? [left, right] : undefined;
}

function isMask(text: string): boolean {
  const mask = parseIpv4(text);
  const begins = mask === undefined ? undefined : mask >>> 24;
  return (begins === 0 || begins === 255) && !('problem' in parseNetwork(ZERO_MASK, text));
}

function together(words: readonly string[], alone: boolean): Together | undefined {
  const [first = '', second = '', third] = words;
  const [address, other] = [parseIpv4(first), parseIpv4(second)];
  // Most words are addresses or names that stand for themselves: the short way for them.
  if (address === undefined || other === undefined)
    return NUMERIC.test(first) ? ofNumeric(first, second, third, alone) : undefined;
  if (isMask(second)) return { ...asNetwork(first, second), count: 2 };
  return alone && third === undefined && areEnds(address, other)
    ? { ...asEnds(first, second), count: 2 }
    : undefined;
}

function ofNumeric(
  first: string,
  second: string,
  third: string | undefined,
  alone: boolean,
): Together | undefined {
  if (third !== undefined && NUMERIC.test(third)) {
    if (HYPHEN.test(second) || TO.test(second)) return { ...asRange(first, third), count: 3 };
    if (MASK.test(second)) return { ...asNetwork(first, third.replace(/^\//, '')), count: 3 };
  }
  if (/^\/[\d.]+$/.test(second)) return { ...asNetwork(first, second.slice(1)), count: 2 };
  if (!NUMERIC.test(second.replace(BEGINS_OPEN, ''))) return undefined;
  if (first.endsWith('/')) return { ...asNetwork(first.slice(0, -1), second), count: 2 };
  if (ENDS_OPEN.test(first)) return { ...asRange(first.replace(ENDS_OPEN, ''), second), count: 2 };
  if (BEGINS_OPEN.test(second)) return { ...rangeOrNot(first, second.slice(1)), count: 2 };
  const [start, end] = [parseAddress(first), parseAddress(second)];
  if (start === undefined) return undefined;
  if (typeof start === 'number' && isMask(second)) return { ...asNetwork(first, second), count: 2 };
  if (/^\d{1,3}$/.test(second)) return { ...asPrefix(first, second), count: 2 };
  return alone && end !== undefined && areEnds(start, end)
    ? { ...asEnds(first, second), count: 2 }
    : undefined;
}

function asRange(first: string, last: string): BadText {
  const problem = 'a range is written with a hyphen and without a blank';
  return { problem, suggestion: `${first}-${last}`, asWritten: true };
}

function rangeOrNot(first: string, last: string): BadText {
  const problem = `"${first} -${last}" is a range with a blank, or something that is not to be scanned`;
  return { problem, suggestion: `${first}-${last} (a range) or ${last} in exclude`, inWords: true };
}

function asNetwork(left: string, right: string): BadText {
  const problem = 'a network is written with a slash and without a blank';
  // A netmask of zeros is the whole Internet, a wildcard mask of zeros a single host.
  if (right === ZERO_MASK)
    return { problem, suggestion: `${left}/32 (a wildcard mask) or ${left}/0 (a netmask)`, inWords: true };
  return { problem, suggestion: `${left}/${right}`, asWritten: true };
}

/** A number behind an address may be a port as well; a prefix leaves no host bits behind. */
function asPrefix(address: string, number: string): BadText {
  const network = parseNetwork(address, number);
  if ('problem' in network || network.base !== parseAddress(address))
    return {
      problem: 'a number stands behind the address: a port does not belong here',
      suggestion: address,
    };
  return asNetwork(address, number);
}

/** Two addresses of one small network, the lower one first, or the first and the last host of a larger one. */
function areEnds(first: Address, last: Address): boolean {
  if (typeof first === 'number' && typeof last === 'number')
    return first < last && (first >>> 8 === last >>> 8 || (first % 256 <= 1 && last % 256 >= 254));
  if (typeof first !== 'bigint' || typeof last !== 'bigint' || first >= last) return false;
  return first >> 16n === last >> 16n || (first % 65_536n <= 1n && last % 65_536n >= 65_534n);
}

function asEnds(first: string, last: string): BadText {
  const problem = 'two addresses on a line are a range, or a list of two';
  return {
    problem,
    suggestion: `${first}-${last} (the range) or ${first}, ${last} (the two)`,
    inWords: true,
  };
}
