import type { AuditNote } from '../adapters/audit/entry.ts';
import type { RefusedFor } from '../adapters/submissions/endScripts.ts';
import type { Priority } from '../model/submission.ts';
import { type RenumberServices, renumber } from './renumber.ts';

/** Changes the priority of a scan: its jobs that wait get new places, and those that follow are added by it. */
export async function setPriority(
  change: { project: string; id: string; priority: Priority },
  services: RenumberServices,
  note?: AuditNote,
): Promise<'done' | RefusedFor> {
  const done = await services.submissions.setPriority(change, note);
  if (done === 'done') await renumber(change.id, services);
  return done;
}
