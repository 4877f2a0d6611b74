/** Where an entry of a line ends. */
import { maskColumnEnd, wordsTogether } from './columns.ts';
import { beginsMark, beginsRemark } from './listMarks.ts';

/**
 * What the text is a list of. Between targets a blank is enough. Rules (exclusions, the allowlist) end at commas and
 * line ends only: `8.8.8.10 to 8.8.8.20`, cut at its blanks, would exclude two addresses instead of eleven.
 */
export type ListOf = 'targets' | 'rules';

export const NUMBER_SIGN = 0x23;
export const COMMA = 0x2c;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const DOTS_OF_OCTETS = 3;
/** `8.8.8.1 - 8.8.8.6` */
const MOST_WORDS_TOGETHER = 3;

/** Where the entry ends that begins at `from`. */
export function entryEnd(text: string, from: number, list: ListOf): number {
  if (beginsRemark(text, from)) return text.length;
  const end = wordEnd(text, from);
  const code = text.charCodeAt(end);
  if (code === COMMA) return maskColumnEnd(text, from, end);
  if (end === text.length || code === NUMBER_SIGN) return end;
  const next = nextWord(text, end);
  if (next === undefined) return end;
  const begins = beginsField(text, from);
  if (list === 'rules' || (begins && beginsMark(text, from, end))) return fieldEnd(text, end);
  return togetherEnd(text, from, end, begins);
}

/** Does nothing stand before it, or a comma? */
function beginsField(text: string, from: number): boolean {
  let at = from - 1;
  while (at >= 0 && isBlank(text.charCodeAt(at))) at -= 1;
  return at < 0 || text.charCodeAt(at) === COMMA;
}

/** Where the words end that follow `from` up to a comma, a comment or the end. */
function fieldEnd(text: string, from: number): number {
  let end = from;
  for (let next = nextWord(text, end); next !== undefined; next = nextWord(text, end))
    end = wordEnd(text, next);
  return end;
}

/** Where the words end that mean something together, or the first word if they do not. */
function togetherEnd(text: string, from: number, firstEnd: number, begins: boolean): number {
  const words = [text.slice(from, firstEnd)];
  const ends = [firstEnd];
  for (let end = firstEnd; words.length < MOST_WORDS_TOGETHER; ) {
    const next = nextWord(text, end);
    if (next === undefined) break;
    end = wordEnd(text, next);
    words.push(text.slice(next, end));
    ends.push(end);
  }
  const alone = begins && nextWord(text, ends.at(-1) ?? firstEnd) === undefined;
  return ends[wordsTogether(words, alone) - 1] ?? firstEnd;
}

/** Where the next word of the same field begins, if there is one. */
function nextWord(text: string, end: number): number | undefined {
  const next = skipBlanks(text, end);
  const code = text.charCodeAt(next);
  const none = next === end || next === text.length || code === COMMA || code === NUMBER_SIGN;
  return none || beginsRemark(text, next) ? undefined : next;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where the word that begins at `from` ends: at a blank, or at a comma behind which another entry begins. */
function wordEnd(text: string, from: number): number {
  let { end, dots } = piece(text, from);
  while (dots !== undefined && text.charCodeAt(end) === COMMA) {
    const next = piece(text, end + 1);
    const joins = next.dots !== undefined && next.end > end + 1 && dots + next.dots <= DOTS_OF_OCTETS;
    if (!joins) break;
    end = next.end;
    dots += next.dots ?? 0;
  }
  return end;
}

/** What stands before the next comma or blank. `dots`: how many, if all its characters can belong to octets. */
function piece(text: string, from: number): { end: number; dots: number | undefined } {
  let dots = 0;
  let octets = true;
  let letters = false;
  let colons = false;
  let end = from;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === COMMA || isBlank(code)) break;
    if (code === NUMBER_SIGN && end > from && (colons || !letters)) break;
    if (code === DOT) dots += 1;
    else if (!isOctetCharacter(code)) {
      octets = false;
      if (code === COLON) colons = true;
      else if (code !== SLASH) letters = true;
    }
  }
  return { end, dots: octets ? dots : undefined };
}

/** A digit, `*` or `-`. */
function isOctetCharacter(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2a || code === 0x2d;
}

/** Every white space of Unicode that ends no line. */
export function isBlank(code: number): boolean {
  if (code <= 0x7f) return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c;
  return /\p{White_Space}/u.test(String.fromCharCode(code));
}
