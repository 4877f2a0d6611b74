/** Cuts a text, a pasted file for example, into entries. */
import { COMMA, entryEnd, isBlank, type ListOf, NUMBER_SIGN } from './entryEnd.ts';
import { isForeignText } from './listMarks.ts';

/** One entry of a text, not looked at yet. */
export interface SplitEntry {
  text: string;
  /** From 1. Lines end with a line feed, a carriage return, or both. */
  line: number;
  /** From 1, in UTF-16 units; a byte order mark does not count. */
  column: number;
}

/** A line that is not empty, without its end. */
type CutLine = Pick<SplitEntry, 'text' | 'line'>;

const LINES = /([^\r\n]*)(?:\r\n|[\r\n]|$)/g;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * The entries of a text, in their order. They are separated by line ends, commas between complete entries (a comma
 * inside octets belongs to the form: `10.0.0.1,5` is one entry, `10.0.0.1,10.0.0.5` are two), and targets by blanks
 * too. `#` at the start of an entry, or right behind addresses, makes the rest of the line a comment. Words that mean
 * something together (`8.8.8.0 255.255.255.0`) stay one entry: it can be read in two ways, so parseEntry refuses it.
 * One pass, whatever the text.
 */
export function* splitEntries(text: string, list: ListOf): Generator<SplitEntry> {
  for (const line of linesIn(text)) yield* entriesOfLine(line, list);
}

/** The lines that hold something. JSON and the like are one line: nothing of them is an entry. */
export function* linesIn(text: string): Generator<CutLine> {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  if (isForeignText(text)) {
    yield { text: text.slice(start), line: 1 };
    return;
  }
  let line = 1;
  for (const [, content = ''] of text.slice(start).matchAll(LINES)) {
    if (content !== '') yield { text: content, line };
    line += 1;
  }
}

/** The entries of one line of {@link linesIn}. */
export function* entriesOfLine({ text, line }: CutLine, list: ListOf): Generator<SplitEntry> {
  if (isForeignText(text)) {
    yield { text, line, column: 1 };
    return;
  }
  for (let at = entryStart(text, 0); at < text.length; ) {
    const end = entryEnd(text, at, list);
    yield { text: text.slice(at, end), line, column: at + 1 };
    at = entryStart(text, end);
  }
}

/** Where the next entry begins; a comment ends the line. */
function entryStart(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NUMBER_SIGN) break;
    if (code !== COMMA && !isBlank(code)) return at;
  }
  return text.length;
}
