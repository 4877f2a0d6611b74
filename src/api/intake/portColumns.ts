import type { Warning } from '../../model/submission.ts';
import type { PlacedEntry } from '../../targets/entries/placedEntries.ts';

/** `8.8.8.10,22` is two addresses; out of a table it was one, and a port. */
interface PortColumn {
  number: number;
  /** How many entries have that number behind their comma. */
  entries: number;
  /** The first of them. */
  text: string;
  item: number;
  /** Whatever how many there are. */
  odd: boolean;
}

/** What a last octet can be and a scanner finds open most often. */
const PORTS = new Set([21, 22, 23, 25, 53, 69, 80, 81, 88, 110, 111, 123, 135, 137, 139, 143, 161, 179]);
/** As many entries with the same number behind the comma are a column, whatever the number. */
const COLUMN = 3;
const PREFIXES = { shortest: 8, longest: 32 };
const LISTED = 20;

/** Finds numbers behind a comma that look like another column: a common port, a prefix, or always the same. */
export class PortColumns {
  readonly #byNumber = new Map<number, PortColumn>();

  add({ text, item }: PlacedEntry): void {
    const [, last, behind] = /^\d+\.\d+\.\d+\.(\d+),(\d+)$/.exec(text) ?? [];
    if (behind === undefined) return;
    const number = Number(behind);
    const prefix = last === '0' && number >= PREFIXES.shortest && number <= PREFIXES.longest;
    const odd = prefix || PORTS.has(number);
    const known = this.#byNumber.get(number);
    if (known === undefined) this.#byNumber.set(number, { number, entries: 1, text, item, odd });
    else {
      known.entries += 1;
      known.odd ||= odd;
    }
  }

  warnings(): Warning[] {
    return [...this.#byNumber.values()]
      .filter(({ odd, entries }) => odd || entries >= COLUMN)
      .slice(0, LISTED)
      .map(warningOf);
  }
}

function warningOf({ text, number, entries, item }: PortColumn): Warning {
  const more = entries > 1 ? `, like ${entries - 1} more entries with ${number},` : '';
  const message = `${text.slice(0, 100)}${more} means two addresses: if ${number} is a port or a prefix, take it out, or write /${number}`;
  return { code: 'port_column', message, loc: ['body', 'hosts', item] };
}
