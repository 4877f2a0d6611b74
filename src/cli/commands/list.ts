import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { usage } from '../exitCodes.ts';
import { given } from '../given.ts';
import { listRows, type RowOptions } from '../rows.ts';
import { stateWord } from '../scans/words.ts';
import { counted, localTime } from '../terminal/numbers.ts';

interface ListOptions extends RowOptions {
  state?: Schema<'Submission'>['state'];
  allProjects?: true;
  user?: string;
  text?: string;
}

export async function list({ session, options }: Call<ListOptions>): Promise<void> {
  const { paint } = session.out;
  const { state, allProjects, user, text } = options;
  const failedWord = (failed: number) => (failed > 0 ? paint('red', counted(failed)) : '0');
  if (allProjects)
    return listRows(session, 'listAllSubmissions', { query: given({ state, user, text }) }, options, {
      rowsOf: ({ submissions }) => submissions,
      head: ['id', 'project', 'begun', 'state', 'done', 'failed', 'prio', 'by'],
      cellsOf: (scan) => [
        ...[scan.id, scan.project, localTime(scan.created_at), stateWord(scan.state, paint)],
        `${counted(scan.counts.done)}/${counted(scan.counts.total)}`,
        ...[failedWord(scan.counts.failed), scan.priority, scan.user.username],
      ],
      none: 'no scans',
    });
  if (user !== undefined || text !== undefined)
    throw usage('--user and --text look through all projects: say --all-projects, too');
  const asked = { path: session.project(), query: given({ state }) };
  return listRows(session, 'listSubmissions', asked, options, {
    rowsOf: ({ submissions }) => submissions,
    head: ['id', 'begun', 'state', 'sent', 'failed', 'prio', 'by'],
    cellsOf: ({ id, created_at, user: by, state: is, priority, sent, total, failed }) => [
      ...[id, localTime(created_at), stateWord(is, paint), `${counted(sent)}/${counted(total)}`],
      ...[failedWord(failed), priority, by.username],
    ],
    none: 'no scans',
  });
}
