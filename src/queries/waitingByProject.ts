import type { SubmissionView } from '../adapters/submissions/submissionView.ts';

/** How many targets of each project are not sent. @param open submissions and the project of each */
export async function waitingByProject(
  open: Readonly<Record<string, string>>,
  view: SubmissionView,
): Promise<Map<string, number>> {
  const waiting = await view.waitingOf(Object.keys(open));
  const byProject = new Map<string, number>();
  for (const [id, project] of Object.entries(open))
    byProject.set(project, (byProject.get(project) ?? 0) + (waiting.get(id) ?? 0));
  return byProject;
}
