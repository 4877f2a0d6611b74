import type { InvalidEntries, Progress, StageName } from '../adapters/submission.ts';
import { apiError, notFound } from './apiErrors.ts';
import { auditNote } from './auditNote.ts';
import { failureAnswer, readRequest, untilPlanned } from './planning.ts';
import type { Answer, ProjectCall, Services } from './route.ts';
import { numbersOnly, scanAnswer, submissionLink } from './scanAnswer.ts';
import { submittedBriefly } from './submittedBriefly.ts';

/** POST /tasks/{project_id}/run-nmap: takes a submission in and answers when it is planned, or at the deadline. */
export async function runNmap(call: ProjectCall, services: Services): Promise<Answer> {
  const { flows } = services;
  const { project, caller, log } = call;
  const result = await readRequest(call, services, 'scan');
  if (!result.ok) return result.answer;
  if ('plan' in result.read) return runPlan(result.read.plan, call, services);
  const { request } = result.read;
  const note = auditNote(call, services.config, 'submission.begun', { on: submittedBriefly(request) });
  const { id, joined } = await flows.submit({ kind: 'scan', project, user: caller.user, ...request }, note);
  log.info({ submission: id, joined, provided: request.provided }, 'submission accepted');
  return answerFor(await untilPlanned(id, call, services), request.invalid, services);
}

/** Scans exactly what a plan came to; asked again, it answers for the same submission. */
async function runPlan(plan: string, call: ProjectCall, services: Services): Promise<Answer> {
  const { project, caller, log } = call;
  const note = auditNote(call, services.config, 'plan.run', { on: { plan } });
  const begun = await services.flows.runPlan({ plan, project, user: caller.user }, note);
  if (begun === undefined) return notFound('Plan');
  const progress = await untilPlanned(begun.id, call, services);
  // The script has looked, too; what is another project's must not depend on one place.
  if (progress.project !== project) return notFound('Plan');
  log.info({ submission: begun.id, joined: begun.joined, plan }, 'plan accepted');
  return answerFor(progress, undefined, services);
}

/** Where these stages give up, the plan is made and kept: the targets are accepted, and an operator retries. */
const PLANNED_STAGES: ReadonlySet<StageName> = new Set<StageName>(['publish', 'submission']);

async function answerFor(
  progress: Progress,
  invalid: InvalidEntries | undefined,
  services: Services,
): Promise<Answer> {
  const submission = submissionLink(progress);
  switch (progress.state) {
    case 'planning':
      return {
        status: 202,
        body: numbersOnly(progress, await services.flows.warnings(progress.id), invalid),
        headers: { Location: submission.href },
      };
    case 'stopped':
      return withSubmission(apiError(409, 'The submission was stopped'), submission);
    case 'failed':
      return progress.failure && PLANNED_STAGES.has(progress.failure.stage)
        ? planAnswer(progress, services)
        : failureAnswer(progress, { submission });
    case 'dispatching':
    case 'done':
      return planAnswer(progress, services);
  }
}

async function planAnswer(progress: Progress, { flows }: Services): Promise<Answer> {
  const [outcome, warnings] = await Promise.all([flows.outcome(progress.id), flows.warnings(progress.id)]);
  return outcome === undefined
    ? { status: 200, body: numbersOnly(progress, warnings) }
    : { status: 200, stream: scanAnswer(progress, outcome, warnings) };
}

function withSubmission(answer: Answer, submission: object): Answer {
  return 'body' in answer ? { ...answer, body: { ...answer.body, submission } } : answer;
}
