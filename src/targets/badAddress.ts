import { formatAddress, IPV4_END, parseIpv4 } from './address.ts';
import { isRange, RANGE_PROBLEM } from './hostName.ts';

/** Why a text that a resolver would read as an IPv4 address is none, and what was meant if that is clear. */
export function describeBadIpv4(typed: string): { problem: string; suggestion?: string } {
  const text = typed.endsWith('.') ? typed.slice(0, -1) : typed;
  if (parseIpv4(text) !== undefined) return { problem: 'an address has no trailing dot', suggestion: text };
  const octets = text.split('.');
  if (octets.some((octet) => /^0x/i.test(octet))) return hexadecimal(octets);
  if (isRange(text)) return { problem: RANGE_PROBLEM };
  if (!octets.every((octet) => /^\d*$/.test(octet))) return { problem: 'a name cannot end in a number' };
  if (octets.includes('')) return { problem: 'the address has an empty octet' };
  if (octets.some((octet) => /^0\d/.test(octet))) return leadingZero(octets);
  if (octets.length === 1) return wholeNumber(text);
  if (octets.length !== 4) return { problem: `the address has ${octets.length} octets instead of 4` };
  const tooLarge = octets.find((octet) => Number(octet) > 255) ?? '';
  return { problem: `octet ${clipped(tooLarge)} is not in 0..255` };
}

/** Suggests the one reading, or both in words: an address that is guessed wrong scans somebody else. */
function leadingZero(octets: readonly string[]): { problem: string; suggestion?: string } {
  const decimal = parseIpv4(octets.map((octet) => octet.replace(/^0+(?=\d)/, '')).join('.'));
  const octal = parseIpv4(octets.map(octalReading).join('.'));
  const culprit = octets.find((octet) => /^0\d/.test(octet)) ?? '';
  const problem = `octet ${clipped(culprit)} has a leading zero, which some programs read as octal`;
  if (decimal !== undefined && octal !== undefined && decimal !== octal) {
    const both = `${formatAddress(decimal)} (if decimal was meant) or ${formatAddress(octal)} (if octal was meant)`;
    return { problem, suggestion: both };
  }
  const meant = decimal ?? octal;
  return meant === undefined ? { problem } : { problem, suggestion: formatAddress(meant) };
}

/** An octet with a leading zero holds octal digits, or has no octal reading at all. */
function octalReading(octet: string): string {
  if (!/^0\d/.test(octet)) return octet;
  return /^[0-7]+$/.test(octet) ? String(Number.parseInt(octet, 8)) : '';
}

function hexadecimal(octets: readonly string[]): { problem: string; suggestion?: string } {
  const problem = 'hexadecimal is not read as an address';
  if (!octets.every((octet) => /^0x[0-9a-f]{1,8}$/i.test(octet))) return { problem };
  const values = octets.map(Number);
  const [whole] = values;
  if (values.length === 1 && whole !== undefined) return { problem, suggestion: formatAddress(whole) };
  const meant = parseIpv4(values.join('.'));
  return meant === undefined ? { problem } : { problem, suggestion: formatAddress(meant) };
}

/** Below 2^24 it is as likely a number from another column as an address. */
function wholeNumber(text: string): { problem: string; suggestion?: string } {
  const value = Number(text);
  const problem = 'a whole number is not an address';
  return value >= 2 ** 24 && value < IPV4_END ? { problem, suggestion: formatAddress(value) } : { problem };
}

function clipped(octet: string): string {
  return octet.length > 10 ? `${octet.slice(0, 10)}…` : octet;
}
