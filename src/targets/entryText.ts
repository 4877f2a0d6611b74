/** Cuts a text, a pasted file for example, into entries. */

/** One entry of a text, not looked at yet. */
export interface CutEntry {
  text: string;
  /** From 1. Lines end with a line feed, a carriage return, or both. */
  line: number;
  /** From 1, in UTF-16 units; a byte order mark does not count. */
  column: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NUMBER_SIGN = 0x23;
const COMMA = 0x2c;
const DOT = 0x2e;
const BYTE_ORDER_MARK = 0xfeff;
const DOTS_OF_OCTETS = 3;

/**
 * The entries of a text, in their order. They are separated by blanks, line ends, and commas between complete entries
 * (a comma inside octets belongs to the form: `10.0.0.1,5` is one entry, `10.0.0.1,10.0.0.5` are two). `#` at the
 * start of an entry makes the rest of the line a comment. One pass, whatever the text.
 */
export function* entriesIn(text: string): Generator<CutEntry> {
  let line = 1;
  let lineStart = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let at = lineStart;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) {
      at += code === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1;
      line += 1;
      lineStart = at;
    } else if (code === NUMBER_SIGN) at = lineEnd(text, at);
    else if (code === COMMA || isBlank(code)) at += 1;
    else {
      const end = entryEnd(text, at);
      yield { text: text.slice(at, end), line, column: at - lineStart + 1 };
      at = end;
    }
  }
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where the entry that begins at `from` ends: at a blank, or at a comma behind which another one begins. */
function entryEnd(text: string, from: number): number {
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
  let end = from;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === COMMA || isBlank(code) || isLineEnd(code)) break;
    if (code === DOT) dots += 1;
    else if (!isOctetCharacter(code)) octets = false;
  }
  return { end, dots: octets ? dots : undefined };
}

/** A digit, `*` or `-`. */
function isOctetCharacter(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2a || code === 0x2d;
}

function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}

/** Every white space of Unicode that is no {@link isLineEnd}. */
function isBlank(code: number): boolean {
  if (code <= 0x7f) return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c;
  if (code === 0x85 || code === 0xa0 || code === 0x1680 || code === 0x3000) return true;
  return (
    code >= 0x2000 &&
    (code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f)
  );
}
