import { domainToASCII, domainToUnicode } from 'node:url';
import type { BadText } from './leadingZero.ts';
import { mixedScript } from './mixedScripts.ts';

const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
/** Labels of lower-case ASCII, two at least; the last begins with a letter, so no reader takes the name for a number. */
const PLAIN_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The short way for what most names are: nothing else could be meant, and it is its own normal form. */
export function isPlainName(text: string): boolean {
  return text.length <= LONGEST_NAME && PLAIN_NAME.test(text) && !text.includes('xn--');
}

/**
 * Reads a host name: lower-cased, without the trailing dot, IDN as punycode. Underscores are fine; a single label is
 * refused unless it is allowed, because what it leads to depends on who asks. What ends in a number is refused,
 * because every resolver would read it as an address.
 */
export function parseHostName(
  text: string,
  { allowSingleLabel = false }: { allowSingleLabel?: boolean } = {},
): { name: string } | BadText {
  const typed = text.endsWith('.') ? text.slice(0, -1) : text;
  const problem = labelsProblem(typed);
  if (problem !== undefined) return { problem };
  const name = asciiName(typed);
  if (typeof name !== 'string') return name;
  const mixed = name.includes('xn--') ? mixedProblem(name) : undefined;
  if (mixed !== undefined) return mixed;
  if (!allowSingleLabel && !name.includes('.'))
    return {
      problem: 'a name without a domain is not looked up: write it in full (or set ALLOW_SINGLE_LABEL)',
    };
  return { name };
}

function asciiName(typed: string): string | BadText {
  if (isAscii(typed)) return typed.toLowerCase();
  // domainToASCII follows the rules of URLs: it reads "８.8" as the address 8.0.0.8 and cuts at a slash. So it
  // only sees what was checked before, and what it gives is checked again.
  const name = domainToASCII(typed);
  if (name === '') return { problem: 'it is not a valid international name' };
  const converted = labelsProblem(name);
  return converted === undefined && isAscii(name) ? name : { problem: converted ?? 'it is not a valid name' };
}

/** Looks at the name as it is shown to people, however it was typed. */
function mixedProblem(name: string): BadText | undefined {
  const labels = domainToUnicode(name).split('.');
  for (const [index, label] of labels.entries()) {
    const mixed = mixedScript(label);
    if (mixed === undefined) continue;
    const problem = `a label mixes scripts: ${JSON.stringify(mixed.odd)} (${codePoint(mixed.odd)}) is ${mixed.script}`;
    const suggestion = labels.with(index, mixed.ascii ?? '').join('.');
    return mixed.ascii === undefined ? { problem } : { problem, suggestion };
  }
  return undefined;
}

/** `U+202E` */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Would a resolver read a text with this end as an address? The last label is decimal (digits of any script: nobody
 * names a host so), or hexadecimal as `0x..`.
 */
export function endsInNumber(text: string): boolean {
  return /(^|\.)(\p{Nd}+|0x[0-9a-f]*)\.?$/iu.test(text);
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
  // `8.8.8.1-9` in the digits of another script: an address range to whoever typed it.
  if (/^[\d.-]+$/.test(name)) return 'a name has letters';
  if (endsInNumber(name)) return 'a name cannot end in a number';
  return undefined;
}

function isAscii(text: string): boolean {
  return /^[a-z0-9._-]*$/i.test(text);
}
