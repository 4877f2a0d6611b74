import { domainToASCII } from 'node:url';

const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
export const RANGE_PROBLEM = 'a range is not understood: write a network or single addresses';

export type HostName = { name: string } | { problem: string };

/**
 * Reads a host name: lower-cased, without the trailing dot, IDN as punycode. Underscores and single labels are
 * fine. What ends in a number is refused, because every resolver would read it as an address.
 */
export function parseHostName(text: string): HostName {
  const typed = text.endsWith('.') ? text.slice(0, -1) : text;
  const problem = labelsProblem(typed);
  if (problem !== undefined) return { problem };
  if (isAscii(typed)) return { name: typed.toLowerCase() };
  // domainToASCII follows the rules of URLs: it reads "８.8" as the address 8.0.0.8 and cuts at a slash. So it
  // only sees what the check above let through, and what it gives is checked again.
  const name = domainToASCII(typed);
  if (name === '') return { problem: 'it is not a valid international name' };
  const converted = labelsProblem(name);
  return converted === undefined && isAscii(name)
    ? { name }
    : { problem: converted ?? 'it is not a valid name' };
}

/**
 * Would a resolver read a text with this end as an address? The last label is decimal (digits of any script: nobody
 * names a host so), or hexadecimal as `0x..`.
 */
export function endsInNumber(text: string): boolean {
  return /(^|\.)(\p{Nd}+|0x[0-9a-f]*)\.?$/iu.test(text);
}

/** `8.8.8.1-9`, as nmap writes it: a possible name by its characters, but nobody means one. */
export function isRange(text: string): boolean {
  return /^[\d.-]+$/.test(text) && text.includes('-');
}

function labelsProblem(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return `the name is longer than ${LONGEST_NAME} characters`;
  const odd = /[^a-z0-9._\-\u0080-\u{10ffff}]/iu.exec(name);
  if (odd !== null) return `the character ${JSON.stringify(odd[0])} is not allowed in a name`;
  for (const label of name.split('.')) {
    if (label === '') return 'the name has an empty label';
    if (label.length > LONGEST_LABEL) return `a label is longer than ${LONGEST_LABEL} characters`;
    if (label.startsWith('-') || label.endsWith('-')) return 'a label begins or ends with a hyphen';
  }
  if (isRange(name)) return RANGE_PROBLEM;
  if (endsInNumber(name)) return 'a name cannot end in a number';
  return undefined;
}

function isAscii(text: string): boolean {
  return /^[a-z0-9._-]*$/i.test(text);
}
