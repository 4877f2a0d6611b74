import type { InvalidEntries, Progress, StageName } from '../../model/submission.ts';
import { auditNote } from '../audit/note.ts';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import type { ScanRequest } from '../intake/intake.ts';
import { submittedBriefly } from '../intake/submittedBriefly.ts';
import { failureAnswer, takeIn, untilPlanned } from './planning.ts';
import { numbersOnly, scanAnswer, submissionLink } from './scanAnswer.ts';

/** POST /tasks/{project_id}/run-nmap: takes a submission in and answers when it is planned, or at the deadline. */
export async function runNmap(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const result = await takeIn(context, services, 'scan', async (read) =>
    'plan' in read ? runPlan(read.plan, context, services) : submit(read.request, context, services),
  );
  if (!result.ok) return result.answer;
  if (result.taken === undefined) return plainError('unknown_plan');
  const { id, invalid } = result.taken;
  const progress = await untilPlanned(id, context, services);
  // The script has looked, too; what is another project's must not depend on one place.
  if (progress.project !== context.project) return plainError('unknown_plan');
  return answerFor(progress, invalid, context, services);
}

interface Begun {
  id: string;
  invalid?: InvalidEntries;
}

async function submit(request: ScanRequest, context: ProjectContext, services: Services): Promise<Begun> {
  const { project, caller, log } = context;
  const note = auditNote(context, services, 'submission.begun', { on: submittedBriefly(request) });
  const { id, joined } = await services.flows.submit(
    { kind: 'scan', project, user: caller.user, ...request },
    note,
  );
  log.info({ submission: id, joined, provided: request.provided }, 'submission accepted');
  return { id, ...(request.invalid && { invalid: request.invalid }) };
}

/** Scans exactly what a plan came to; asked again, it answers for the same submission. undefined: there is none. */
async function runPlan(
  plan: string,
  context: ProjectContext,
  services: Services,
): Promise<Begun | undefined> {
  const { project, caller, log } = context;
  const note = auditNote(context, services, 'plan.run', { on: { plan } });
  const begun = await services.flows.runPlan({ plan, project, user: caller.user }, note);
  if (begun === undefined) return undefined;
  log.info({ submission: begun.id, joined: begun.joined, plan }, 'plan accepted');
  return { id: begun.id };
}

/** Where these stages give up, the plan is made and kept: the targets are accepted, and an operator retries. */
const PLANNED_STAGES: ReadonlySet<StageName> = new Set<StageName>(['publish', 'submission']);

async function answerFor(
  progress: Progress,
  invalid: InvalidEntries | undefined,
  context: ProjectContext,
  services: Services,
): Promise<HttpResponse> {
  const submission = submissionLink(progress);
  switch (progress.state) {
    case 'planning':
      return {
        status: 202,
        body: numbersOnly(progress, await services.queries.warnings(progress.id), invalid),
        headers: { Location: submission.href },
      };
    case 'stopped':
      return plainError('scan_stopped', { body: { submission } });
    case 'failed':
      return progress.failure && PLANNED_STAGES.has(progress.failure.stage)
        ? planAnswer(progress, context, services)
        : failureAnswer(progress, { submission });
    case 'dispatching':
    case 'paused':
    case 'done':
    case 'finished':
      return planAnswer(progress, context, services);
  }
}

async function planAnswer(
  progress: Progress,
  context: ProjectContext,
  { queries, answerRoom }: Services,
): Promise<HttpResponse> {
  const [warnings, bytes] = await Promise.all([
    queries.warnings(progress.id),
    queries.bytesKept([progress.id]),
  ]);
  // It is accepted all the same: whoever is told to try again would scan it twice.
  if (!(await answerRoom.enter(context, bytes)))
    return { status: 200, body: { ...numbersOnly(progress, warnings), truncated: true } };
  const outcome = await queries.outcome(progress.id);
  context.signal.throwIfAborted();
  return outcome === undefined
    ? { status: 200, body: numbersOnly(progress, warnings) }
    : { status: 200, stream: scanAnswer(progress, outcome, warnings) };
}
