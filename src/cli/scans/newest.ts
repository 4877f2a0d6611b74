import { usage } from '../exitCodes.ts';
import type { Session } from '../session.ts';

/** The path of a scan: the one that is named, or the newest of the project. */
export async function scanPath(
  session: Session,
  id: string | undefined,
): Promise<{ project_id: string; submission_id: string }> {
  const project = session.project();
  if (id !== undefined) return { ...project, submission_id: id };
  const asked = { path: project, query: { limit: 1 } };
  const [newest] = (await session.client.call('listSubmissions', asked)).answer.submissions;
  if (newest === undefined) throw usage('the project has no scan: tasker run begins one');
  return { ...project, submission_id: newest.id };
}
