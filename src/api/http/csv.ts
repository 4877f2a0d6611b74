import { stringify } from 'csv-stringify/sync';

/** One line of RFC 4180 with its end, for people who open it in a spreadsheet: no cell of it is a formula there. */
export function csvLine(cells: readonly string[]): string {
  return stringify([cells], { record_delimiter: 'windows', quoted_match: /[\r\n]/, escape_formulas: true });
}
