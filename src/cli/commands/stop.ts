import { pagesOf } from '../../client/longAnswers.ts';
import type { Call } from '../action.ts';
import { EXIT, Exit, usage } from '../exitCodes.ts';
import type { Session } from '../session.ts';
import { ask } from '../terminal/ask.ts';
import { counted, several } from '../terminal/numbers.ts';

const OPEN = ['planning', 'dispatching', 'paused', 'failed', 'done'] as const;
const MOST_LISTED = 10;

export async function stop({ session, options }: Call<{ yes?: true }>): Promise<void> {
  const { client, out } = session;
  const path = session.project();
  if (!options.yes) await confirm(session);
  const { answer } = await client.call('stopProject', { path });
  if (out.json) out.value(answer);
  else if (answer.status === 'no_tasks') out.lines(['there was nothing to stop']);
  else out.lines([`stopped: ${several(answer.revoked, 'task')} taken back`]);
}

/** Says what a stop will do. */
async function confirm(session: Session): Promise<void> {
  const { client, out } = session;
  const path = session.project();
  const { active_or_queued, running } = (await client.call('getProjectStatus', { path })).answer;
  const scans = await openScans(session);
  for (const scan of scans.slice(0, MOST_LISTED)) out.note(`  ${scan}`);
  if (scans.length > MOST_LISTED) out.note(`  … and ${counted(scans.length - MOST_LISTED)} more`);
  out.note(`this stops ${several(scans.length, 'scan')} of project ${path.project_id}, and all its plans:`);
  out.note(
    `${counted(active_or_queued)} targets are taken back, ${counted(running)} of them run now and are ended`,
  );
  if (!process.stdin.isTTY) throw usage('nothing was stopped: say --yes where nobody can be asked');
  if (!/^y(es)?$/i.test(await ask('Stop them? [y/N] ')))
    throw new Exit(EXIT.interrupted, 'nothing was stopped');
}

async function openScans({ client, project }: Session): Promise<string[]> {
  const found: string[] = [];
  for (const state of OPEN)
    for await (const page of pagesOf(client, 'listSubmissions', {
      path: project(),
      query: { state, limit: 100 },
    }))
      for (const { id, user, sent, total } of page.submissions)
        found.push(`${id}  ${state}  ${counted(sent)}/${counted(total)} sent  by ${user.username}`);
  return found;
}
