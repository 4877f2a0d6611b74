/** Lists that come page by page. */
import type { Answer, Asked } from '../client/client.ts';
import { type Paged, pagesOf } from '../client/longAnswers.ts';
import type { Session } from './session.ts';
import { table } from './terminal/table.ts';

/** As definitions/arguments.ts has them. */
export interface RowOptions {
  limit: number;
  all?: true;
}

interface Shape<Name extends Paged, Row> {
  rowsOf(answer: Answer<Name>): readonly Row[];
  head: readonly string[];
  cellsOf(row: Row): readonly (string | number)[];
  /** Said to people when there is no row. */
  none: string;
}

const PAGE = 100;

/** Writes rows as they come, as a table or as JSON, up to the limit. */
export async function listRows<Name extends Paged, Row>(
  { client, out }: Session,
  name: Name,
  asked: Asked<Name>,
  { limit, all }: RowOptions,
  { rowsOf, head, cellsOf, none }: Shape<Name, Row>,
): Promise<void> {
  const most = all ? Number.POSITIVE_INFINITY : limit;
  const { query } = asked as { query?: object };
  const first = { ...asked, query: { ...query, limit: Math.min(PAGE, most) } };
  let shown = 0;
  for await (const answer of pagesOf(client, name, first)) {
    const rows = rowsOf(answer).slice(0, most - shown);
    if (out.json) for (const row of rows) await out.value(row);
    else if (rows.length > 0) await out.lines(table(head, rows.map(cellsOf)).slice(shown === 0 ? 0 : 1));
    shown += rows.length;
    if (shown >= most) return;
  }
  if (shown === 0 && !out.json) await out.lines([none]);
}
