import { formatAddress, IPV4_END, parseIpv4 } from '../address/address.ts';
import { type BadText, clipped, describeLeadingZero } from './leadingZero.ts';

/** Why a text that a resolver would read as an IPv4 address is none, and what was meant if that is clear. */
export function describeBadIpv4(typed: string): BadText {
  const text = typed.endsWith('.') ? typed.slice(0, -1) : typed;
  if (parseIpv4(text) !== undefined) return { problem: 'an address has no trailing dot', suggestion: text };
  const octets = text.split('.');
  if (octets.some((octet) => /^0x/i.test(octet))) return hexadecimal(octets);
  if (!octets.every((octet) => /^\d*$/.test(octet))) return { problem: 'a name cannot end in a number' };
  if (octets.includes('')) return { problem: 'the address has an empty octet' };
  const padded = describeLeadingZero(text, normalOf);
  if (padded !== undefined) return padded;
  if (octets.length === 1) return wholeNumber(text);
  if (octets.length !== 4) return { problem: `the address has ${octets.length} octets instead of 4` };
  const tooLarge = octets.find((octet) => Number(octet) > 255) ?? '';
  return { problem: `octet ${clipped(tooLarge)} is not in 0..255` };
}

function normalOf(text: string): string | undefined {
  return parseIpv4(text) === undefined ? undefined : text;
}

function hexadecimal(octets: readonly string[]): BadText {
  const problem = 'hexadecimal is not read as an address';
  if (!octets.every((octet) => /^0x[0-9a-f]{1,8}$/i.test(octet))) return { problem };
  const values = octets.map(Number);
  const [whole] = values;
  if (values.length === 1 && whole !== undefined) return { problem, suggestion: formatAddress(whole) };
  const meant = parseIpv4(values.join('.'));
  return meant === undefined ? { problem } : { problem, suggestion: formatAddress(meant) };
}

/** Below 2^24 it is as likely a number from another column as an address. */
function wholeNumber(text: string): BadText {
  const value = Number(text);
  const problem = 'a whole number is not an address';
  return value >= 2 ** 24 && value < IPV4_END ? { problem, suggestion: formatAddress(value) } : { problem };
}
