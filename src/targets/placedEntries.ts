/**
 * The text form of the entries of a submission, one line each, with the place where each came from: the entry alone
 * when it begins the item after that of the entry before it, otherwise the entry, a tab, and `item:line:column`.
 */
import type { CutEntry } from './entryText.ts';

/** An entry and where it stood in the request. */
export interface PlacedEntry extends CutEntry {
  /** Index in `hosts`, from 0. */
  item: number;
}

/** The item that the first entry comes after. */
const BEFORE_FIRST = -1;

/** The line of an entry, without a line feed. `previousItem`: that of the entry before it. */
export function placedLine({ text, item, line, column }: PlacedEntry, previousItem = BEFORE_FIRST): string {
  return item === previousItem + 1 && line === 1 && column === 1 ? text : `${text}\t${item}:${line}:${column}`;
}

/** Reads what was written line by line with {@link placedLine}, without a list of a million lines beside the text. */
export function* placedEntries(lines: string): Generator<PlacedEntry> {
  let item = BEFORE_FIRST;
  for (let start = 0; start < lines.length; ) {
    const feed = lines.indexOf('\n', start);
    const end = feed === -1 ? lines.length : feed;
    const entry = placedEntry(lines.slice(start, end), item);
    yield entry;
    item = entry.item;
    start = end + 1;
  }
}

function placedEntry(written: string, previousItem: number): PlacedEntry {
  const tab = written.indexOf('\t');
  if (tab === -1) return { text: written, item: previousItem + 1, line: 1, column: 1 };
  const [item = 0, line = 1, column = 1] = written.slice(tab + 1).split(':').map(Number);
  return { text: written.slice(0, tab), item, line, column };
}
