import { once } from 'node:events';
import type { InvalidEntries, Progress, StageName } from '../adapters/submission.ts';
import { apiError, away, invalid } from './apiErrors.ts';
import { readBody } from './requestBody.ts';
import type { Answer, ProjectCall, Services } from './route.ts';
import { numbersOnly, scanAnswer, submissionLink } from './scanAnswer.ts';

/** POST /tasks/{project_id}/run-nmap: takes a submission in and answers when it is planned, or at the deadline. */
export async function runNmap(call: ProjectCall, services: Services): Promise<Answer> {
  const { config, flows, intake } = services;
  const body = await readBody(call.req, call.res, { bytes: config.maxBodyBytes, name: 'MAX_BODY' });
  if (!body.ok) return body.answer;
  const { maxTargets, allowSingleLabel } = config;
  const read = await intake.read(body.bytes, { maxTargets, allowSingleLabel });
  if (!read.ok) return invalid(read.detail, read.total);

  const { id, joined } = await flows.submit({
    kind: 'scan',
    project: call.project,
    user: call.caller.user,
    ...read.request,
  });
  call.log.info({ submission: id, joined, provided: read.request.provided }, 'submission accepted');
  const progress = await planned(id, config.responseDeadlineMs - (Date.now() - call.startedAt), services);
  return answerFor(progress, read.request.invalid, services);
}

async function planned(id: string, timeoutMs: number, { flows, closing }: Services): Promise<Progress> {
  const given = new AbortController();
  const closed = closing.aborted ? Promise.resolve() : once(closing, 'abort', { signal: given.signal });
  const sofar = closed.then(
    () => flows.untilPlanned(id, 0),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([flows.untilPlanned(id, Math.max(0, timeoutMs)), sofar]);
  } finally {
    given.abort();
  }
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
      return { status: 202, body: numbersOnly(progress, invalid), headers: { Location: submission.href } };
    case 'stopped':
      return withSubmission(apiError(409, 'The submission was stopped'), submission);
    case 'failed': {
      if (progress.failure && PLANNED_STAGES.has(progress.failure.stage))
        return planAnswer(progress, services);
      const { stage, reason } = progress.failure ?? { stage: 'a stage', reason: 'unknown' };
      const detail = `${stage} gave up: ${reason}; the submission waits for a retry`;
      return away(detail, { submission });
    }
    case 'dispatching':
    case 'done':
      return planAnswer(progress, services);
  }
}

async function planAnswer(progress: Progress, { flows }: Services): Promise<Answer> {
  const outcome = await flows.outcome(progress.id);
  return outcome === undefined
    ? { status: 200, body: numbersOnly(progress) }
    : { status: 200, stream: scanAnswer(progress, outcome) };
}

function withSubmission(answer: Answer, submission: object): Answer {
  return 'body' in answer ? { ...answer, body: { ...answer.body, submission } } : answer;
}
