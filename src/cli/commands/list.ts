import type { Asked, Schema } from '../../client/client.ts';
import { pagesOf } from '../../client/longAnswers.ts';
import type { Call } from '../action.ts';
import { stateWord } from '../scans/words.ts';
import { counted, localTime } from '../terminal/numbers.ts';
import { table } from '../terminal/table.ts';
import type { Paint } from '../terminal/text.ts';

interface ListOptions {
  state?: Schema<'Submission'>['state'];
  limit: number;
  all?: true;
}

const PAGE = 100;

export async function list({ session, options }: Call<ListOptions>): Promise<void> {
  const { client, out } = session;
  const most = options.all ? Number.POSITIVE_INFINITY : options.limit;
  const query = { limit: Math.min(PAGE, most), ...(options.state && { state: options.state }) };
  const asked: Asked<'listSubmissions'> = { path: session.project(), query };
  let left = most;
  for await (const { submissions } of pagesOf(client, 'listSubmissions', asked)) {
    const shown = submissions.slice(0, left);
    if (out.json) for (const scan of shown) await out.value(scan);
    else await out.lines(scanTable(shown, out.paint, left === most));
    left -= shown.length;
    if (left <= 0) return;
  }
}

function scanTable(scans: readonly Schema<'Submission'>[], paint: Paint, isFirst: boolean): string[] {
  const rows = scans.map(({ id, created_at, user, state, priority, sent, total, failed }) => [
    id,
    localTime(created_at),
    stateWord(state, paint),
    `${counted(sent)}/${counted(total)}`,
    failed > 0 ? paint('red', counted(failed)) : '0',
    priority,
    user.username,
  ]);
  const lines = table(['id', 'begun', 'state', 'sent', 'failed', 'prio', 'by'], rows);
  if (!isFirst) return lines.slice(1);
  return scans.length === 0 ? ['no scans'] : lines;
}
