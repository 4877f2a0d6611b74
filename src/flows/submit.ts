import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { NewSubmission, User } from '../model/submission.ts';
import type { FlowServices } from './flowServices.ts';
import { resume } from './resume.ts';
import { flowFrom } from './tree.ts';

/**
 * Adds the submission's flow. The same request by the same user joins the one that is still planning; a stage of it
 * that gave up is tried again then, since that is what sending it again asks for.
 */
export async function submit(
  submission: NewSubmission,
  services: FlowServices,
  note?: AuditNote,
): Promise<{ id: string; joined: boolean }> {
  const { submissions, producer } = services;
  const ownId = randomUUID();
  const id = await submissions.begin(ownId, submission, await requestHashOf(submission), note);
  if (id === ownId) {
    await producer.add(flowFrom('expand', id));
    return { id, joined: false };
  }
  await resume(id, services);
  return { id, joined: true };
}

/** Namespace of the ids of scans that run a plan: UUID v5 of the plan's id. */
const PLANNED_SCANS = '0b0c1f5e-6f0c-4b0e-9a43-5d7a1c8e2f11';

export interface PlanRun {
  plan: string;
  project: string;
  user: User;
}

/**
 * Adds the flow that scans what a plan came to. Each plan runs once: asking again joins the scan it has become,
 * whatever its state. undefined: there is no such plan (any more), or it is still being made.
 */
export async function runPlan(
  request: PlanRun,
  services: FlowServices,
  note?: AuditNote,
): Promise<{ id: string; joined: boolean } | undefined> {
  const id = uuidV5(request.plan, PLANNED_SCANS);
  const begun = await services.submissions.beginPlanned(id, request, note);
  if (begun === 'unplanned') return undefined;
  if (begun === 'begun') await services.producer.add(flowFrom('dedup', id));
  else if (await services.submissions.isOpen(id, request.project)) await resume(id, services);
  return { id, joined: begun === 'known' };
}

async function requestHashOf(submission: NewSubmission): Promise<string> {
  const { kind, user, options, entries, invalid, exclude, warnings } = submission;
  const bytes = typeof entries === 'string' ? Buffer.from(entries) : entries;
  // They may be many megabytes: this hashes them in a thread of Node.
  const ofEntries = await webcrypto.subtle.digest('SHA-256', bytes);
  return createHash('sha256')
    .update(JSON.stringify([kind, user.id, options, invalid, exclude, warnings]))
    .update(new Uint8Array(ofEntries))
    .digest('base64url');
}
