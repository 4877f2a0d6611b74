import { difference } from '../../jobs/longWork.ts';
import type { Progress } from '../../model/submission.ts';
import { count } from '../../targets/sets/addressSet.ts';
import { formatRanges } from '../../targets/sets/formatRanges.ts';
import { auditNote } from '../audit/note.ts';
import { plainError } from '../http/httpErrors.ts';
import { inPages, jsonStream } from '../http/jsonStream.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { submittedBriefly } from '../intake/submittedBriefly.ts';
import { failureAnswer, takeIn, untilPlanned } from '../scans/planning.ts';
import { shown } from './entryReport.ts';
import { planAnswer, planNumbers } from './planAnswer.ts';

/** Ranges that a comparison lists of each side. */
const LISTED_RANGES = 10_000;
const PLAN_ID = /^[0-9a-f-]{36}$/;

/** POST /tasks/{project_id}/plan: the same as run-nmap, without holding or sending anything. */
export async function makePlan(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, caller, log } = context;
  const result = await takeIn(context, services, 'plan', async (read) => {
    if ('plan' in read) return undefined; // only run-nmap reads that field
    const { request } = read;
    const note = auditNote(context, services, 'plan.asked', { on: submittedBriefly(request) });
    const submission = { kind: 'plan' as const, project, user: caller.user, ...request };
    const { id } = await services.flows.submit(submission, note);
    log.info({ plan: id, provided: request.provided }, 'plan asked for');
    return id;
  });
  if (!result.ok) return result.answer;
  const id = result.taken;
  if (id === undefined) return plainError('unknown_plan');
  return answerFor(await untilPlanned(id, context, services), context, services);
}

/** GET /tasks/{project_id}/plan/{plan_id} */
export async function plan(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const progress = await planProgress(context, context.params.plan_id, services);
  return progress === undefined ? plainError('unknown_plan') : answerFor(progress, context, services);
}

/** GET /tasks/{project_id}/plan/{plan_id}/diff/{other_id}: what the second adds and removes. */
export async function comparePlans(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { plan_id: from, other_id: to } = context.params;
  const plans = await Promise.all([from, to].map((id) => planProgress(context, id, services)));
  const ids = plans.flatMap((progress) => (progress ? [progress.id] : []));
  if (ids.length < plans.length) return plainError('unknown_plan');
  if (!(await services.answerRoom.enter(context, await services.queries.bytesKept(ids))))
    return plainError('answer_room_full');
  const [before, after] = await Promise.all(ids.map((id) => services.queries.outcome(id)));
  context.signal.throwIfAborted();
  if (before === undefined || after === undefined) return plainError('unknown_plan');
  const added = await difference(after.accepted, before.accepted, services.compute);
  const removed = await difference(before.accepted, after.accepted, services.compute);
  return { status: 200, stream: comparison({ added, removed }) };
}

async function* comparison(sides: Record<'added' | 'removed', Parameters<typeof formatRanges>[0]>) {
  let truncated = false;
  yield '{';
  for (const [name, set] of Object.entries(sides)) {
    yield `"${name}":{"addresses":${JSON.stringify(shown(count(set)))},"ranges":[`;
    if (!(yield* jsonStream(inPages(formatRanges(set)), JSON.stringify, LISTED_RANGES))) truncated = true;
    yield ']},';
  }
  yield `"truncated":${truncated}}`;
}

/** undefined: there is no such plan (any more), or it is another project's. */
export async function planProgress(
  { project }: ProjectContext,
  id = '',
  { queries }: Services,
): Promise<Progress | undefined> {
  const progress = PLAN_ID.test(id) ? await queries.progress(id) : undefined;
  return progress?.project === project && progress.kind === 'plan' ? progress : undefined;
}

async function answerFor(
  progress: Progress,
  context: ProjectContext,
  { queries, answerRoom }: Services,
): Promise<HttpResponse> {
  const { signal } = context;
  if (progress.state === 'planning') return { status: 202, body: planNumbers(progress) };
  if (progress.state === 'failed') return failureAnswer(progress, planNumbers(progress));
  if (progress.state === 'stopped') return plainError('plan_stopped');
  if (!(await answerRoom.enter(context, await queries.bytesKept([progress.id]))))
    return plainError('answer_room_full');
  const outcome = await queries.outcome(progress.id);
  if (outcome === undefined) return plainError('unknown_plan');
  signal.throwIfAborted();
  const details = await queries.planDetails(progress.id, signal);
  if (details === undefined) return plainError('unknown_plan');
  const { warnings, ...sources } = details;
  return { status: 200, stream: planAnswer(progress, { outcome, ...sources, signal }, warnings) };
}
