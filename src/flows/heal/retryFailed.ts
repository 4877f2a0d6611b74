import type { AuditNote } from '../../adapters/audit/entry.ts';
import type { RefusedFor } from '../../adapters/submissions/endScripts.ts';
import { type AgainServices, addAgainOrLater } from '../takeBack/sendAgain.ts';

/** Has the dead letters of a scan sent again; gives how many. */
export async function retryFailed(
  { project, id }: { project: string; id: string },
  services: AgainServices,
  note?: AuditNote,
): Promise<number | RefusedFor> {
  const { submissions, again, log } = services;
  const facts = await submissions.find(id);
  if (facts?.kind !== 'scan' || facts.project !== project) return 'unknown';
  const retried = await again.retryFailed(facts, note);
  if (typeof retried === 'string') return retried;
  if (retried > 0) await addAgainOrLater(id, services);
  log.info({ submission: id, project, retried }, 'what has failed is sent again');
  return retried;
}
