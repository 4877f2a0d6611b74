import { ERROR_CODES } from '../../src/api/http/errorCodes.ts';
import { markdownTable } from './table.ts';

/** Every code of an error, by status, for Markdown. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { status, meaning, advice }]) => [
    `\`${code}\``,
    String(status),
    meaning,
    advice,
  ]);
  return markdownTable(['code', 'status', 'meaning', 'what to do'], rows);
}
