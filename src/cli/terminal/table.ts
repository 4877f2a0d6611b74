import { widthOf } from './text.ts';

const NUMBER = /^[\d,/]+$/;

/** Lines with aligned columns; columns of numbers are aligned at the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  const isNumeric = head.map((_, column) => rows.every((row) => NUMBER.test(String(row[column]))));
  return all.map((row) =>
    row
      .map((cell, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return isNumeric[column] ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}
