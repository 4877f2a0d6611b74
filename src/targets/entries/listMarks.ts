/** What people put before and around the entries of a list: remarks, bullets, quotes, other separators. */
import { codePoint } from './hostName.ts';
import type { BadText } from './leadingZero.ts';

/** A list of JSON texts or objects, pasted as one text. An IPv6 address in brackets has no quotes. */
const JSON_TEXT = /^[\ufeff\s]{0,100}[[{]\s{0,100}["[{]/;
const SLASH = 0x2f;
const BRACKET = 0x5b;
const BRACE = 0x7b;
const BYTE_ORDER_MARK = 0xfeff;
const SEMICOLON = 0x3b;
/** Of a pasted JSON text, for a suggestion: longer ones are not made. */
const MOST_SHOWN = 200;
const BULLET = /^(?:[-*+>•‣◦▪·–—]|\d{1,4}[.)])$/u;
const QUOTE = '["\'`´“”„‟‘’‚‹›«»]';
const QUOTED = new RegExp(`^${QUOTE}|${QUOTE}$`, 'u');
const EVERY_QUOTE = new RegExp(QUOTE, 'gu');
/** Full-width and other commas, semicolons and bars. */
const SEPARATOR = /[;|，、；،؛｜﹐﹑﹔]/u;
const SEPARATORS = new RegExp(SEPARATOR, 'gu');

/** Is the text something else than a list, so that nothing of it is an entry? */
export function isForeignText(text: string): boolean {
  // Asked of each of a million lines: most begin with a digit or a letter.
  const code = text.charCodeAt(0);
  const begins = code <= 0x20 || code === BRACKET || code === BRACE || code === BYTE_ORDER_MARK;
  return (begins && JSON_TEXT.test(text)) || looksLikeUtf16(text);
}

/** ASCII as UTF-16: every other byte is 0. */
function looksLikeUtf16(text: string): boolean {
  for (let at = 0; at < 4; at++) if (text.charCodeAt(at) === 0 && text.charCodeAt(at + 2) === 0) return true;
  return false;
}

/** What is wrong with an {@link isForeignText}. */
export function describeForeign(typed: string): BadText | undefined {
  if (looksLikeUtf16(typed))
    return {
      problem: 'it holds NUL characters and looks like UTF-16: save it as UTF-8, or with a byte order mark',
    };
  if (!JSON_TEXT.test(typed)) return undefined;
  const problem = 'it is JSON pasted as a text: write each of its items as an item of the list, or on a line';
  return { problem, list: typed.slice(0, MOST_SHOWN).match(/[^\s"[\]{},\p{C}]+/gu) ?? [] };
}

/** Does a remark as other programs write it begin here? It takes the rest of the line. */
export function beginsRemark(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SEMICOLON || (code === SLASH && text.charCodeAt(at + 1) === SLASH);
}

/** Is the word, behind which others stand, a bullet or a "not"? */
export function beginsMark(text: string, from: number, end: number): boolean {
  return text[from] === '!' || (end - from <= 5 && BULLET.test(text.slice(from, end)));
}

/** The suggestion is what would remain, not yet looked at itself. */
export function describeMarks(typed: string): BadText | undefined {
  if (beginsRemark(typed, 0)) {
    const [mark = ''] = /^(?:;+|\/\/+)/.exec(typed) ?? [];
    const suggestion = `# ${typed.slice(mark.length).trim()} (if it is a comment)`;
    return { problem: `it begins with "${mark}": a comment begins with #`, suggestion, inWords: true };
  }
  if (typed.startsWith('!')) {
    const rest = typed.slice(1).trim();
    const problem =
      'it begins with "!", which means nothing here: what is not to be scanned goes into exclude';
    return { problem, suggestion: `${rest} in exclude, or # ${rest} (a comment)`, inWords: true };
  }
  const [, bullet, rest] = /^([•‣◦▪·]|\S+(?=\s))\s*(\S.*)$/su.exec(typed) ?? [];
  if (bullet !== undefined && rest !== undefined && BULLET.test(bullet))
    return { problem: `it begins with a bullet (${bullet})`, suggestion: rest, asWritten: true };
  if (QUOTED.test(typed)) {
    const [mark = ''] = QUOTED.exec(typed) ?? [];
    const suggestion = typed.replace(EVERY_QUOTE, '').trim();
    return { problem: `it has a quotation mark (${mark}): an entry has none`, suggestion };
  }
  return describeSeparator(typed);
}

function describeSeparator(typed: string): BadText | undefined {
  const separator = SEPARATOR.exec(typed)?.[0];
  if (separator === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return undefined;
  const list = typed
    .split(SEPARATORS)
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const shown = separator.length === 1 && separator > '\x7f' ? ` (${codePoint(separator)})` : '';
  const problem = `it has "${separator}"${shown} in it: it looks like a list, and entries are separated by commas`;
  return { problem, list };
}
