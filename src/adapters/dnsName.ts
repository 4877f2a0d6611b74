import { domainToASCII } from 'node:url';

const MAX_LABEL = 63;
/** On the wire, with a length before each label and the root's 0; 253 characters as text. */
const MAX_WIRE = 255;
const POINTER = 0xc0;
const DOT = 46;
const ESCAPED_DOT = 0x100;
/** More pointers than this in one name are an attack: a name has at most 127 labels. */
const MAX_POINTERS = 127;

const PLAIN = /^[a-z0-9_-]+$/;
/** Characters that stand for themselves in a name's text; all others are written `\ddd`. */
const PRINTABLE = /[^!-~]|[\\.,]/g;

/**
 * Lower case, Unicode as punycode, without the last dot; the root is `''`. Undefined for what cannot be written so, and
 * for names below `onion`, which must not be asked for (RFC 7686).
 */
export function canonicalName(name: string): string | undefined {
  const ascii = /^[!-~]+$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  if (ascii === '') return undefined;
  const canonical = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  return canonical.endsWith('onion') && /(^|\.)onion$/.test(canonical) ? undefined : canonical;
}

/**
 * Writes a canonical name as DNS carries it: each label behind its length, then the root's 0. Gives the end, or
 * undefined for an empty label, one over 63 bytes, or more than 253 characters.
 */
export function writeName(name: string, target: Buffer, start: number): number | undefined {
  const bytes = name.includes('\\') ? unescaped(name) : name;
  let labelStart = start;
  for (let i = 0; i <= bytes.length && name !== ''; i++) {
    const code = bytes.charCodeAt(i);
    const at = start + 1 + i;
    if (i < bytes.length && code !== DOT) {
      target[at] = code === ESCAPED_DOT ? DOT : code;
      continue;
    }
    const length = at - labelStart - 1;
    if (length === 0 || length > MAX_LABEL) return undefined;
    target[labelStart] = length;
    labelStart = at;
  }
  target[labelStart] = 0;
  const end = labelStart + 1;
  return end - start > MAX_WIRE ? undefined : end;
}

/** `\ddd` becomes its byte; a dot inside of a label becomes a character that no byte is. */
function unescaped(name: string): string {
  return name.replace(/\\(\d{3})/g, (_, digits: string) => {
    const code = Number(digits) & 255;
    return String.fromCharCode(code === DOT ? ESCAPED_DOT : code);
  });
}

/**
 * Reads the name at `start` of a message: lower case, without the last dot, odd bytes as `\ddd`; the root is `''`.
 * Undefined when it leaves the message, is longer than a name may be, or its pointers do not lead backwards.
 */
export function readName(message: Buffer, start: number): { name: string; end: number } | undefined {
  let name = '';
  let at = start;
  let end = 0;
  let wireLength = 1;
  for (let pointers = 0; ; ) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name, end: end || at + 1 };
    if (length >= POINTER) {
      const low = message[at + 1];
      if (low === undefined || ++pointers > MAX_POINTERS) return undefined;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= at) return undefined;
      end ||= at + 2;
      at = target;
      continue;
    }
    wireLength += length + 1;
    if (length > MAX_LABEL || wireLength > MAX_WIRE || at + 1 + length > message.length) return undefined;
    const label = labelText(message.toString('latin1', at + 1, at + 1 + length));
    name = name === '' ? label : `${name}.${label}`;
    at += 1 + length;
  }
}

function labelText(bytes: string): string {
  if (PLAIN.test(bytes)) return bytes;
  const escaped = (byte: string) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`;
  return bytes.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(PRINTABLE, escaped);
}
