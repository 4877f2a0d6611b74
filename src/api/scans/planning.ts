/** What run-nmap and plan share: reading the request, waiting until it is planned, and saying why it is not. */
import type { Progress, SubmissionKind } from '../../model/submission.ts';
import { readBody } from '../body/requestBody.ts';
import { onlyForAdmins } from '../dispatch/priority.ts';
import { apiError, invalid } from '../http/httpErrors.ts';
import { queryOf } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { readScan } from '../intake/bodyReader.ts';
import type { Intake } from '../intake/intake.ts';
import { strayParameters } from '../intake/unknownFields.ts';

/**
 * Reads a request and submits it. Nothing of its body is held when this is done: planning may take a minute.
 *
 * @throws ServiceUnavailableError while the exclusions file cannot be read: nothing is taken in then
 */
export async function takeIn<T>(
  context: ProjectContext,
  services: Services,
  kind: SubmissionKind,
  submit: (read: Extract<Intake, { ok: true }>) => Promise<T>,
): Promise<{ ok: true; taken: T } | { ok: false; answer: HttpResponse }> {
  const { config, compute, installationRules } = services;
  installationRules.now();
  const stray = strayParameters(queryOf(context.req).keys());
  if (stray.length > 0) return { ok: false, answer: invalid(stray) };
  const body = await readBody(context, services, { bytes: config.maxBodyBytes, name: 'MAX_BODY' });
  if (!body.ok) return body;
  const { maxTargets, allowSingleLabel } = config;
  const read = await readScan(compute, body.bytes, { kind, maxTargets, allowSingleLabel });
  if (!read.ok) return { ok: false, answer: invalid(read.detail, read.total) };
  const reserved = 'plan' in read ? undefined : onlyForAdmins(read.request.options.priority, context);
  if (reserved !== undefined) return { ok: false, answer: reserved };
  const taken = await submit(read);
  body.done();
  return { ok: true, taken };
}

/** Resolves when the submission is planned, at the deadline, or when the server stops. */
export async function untilPlanned(
  id: string,
  { startedAt }: ProjectContext,
  { config, flows, closing }: Services,
): Promise<Progress> {
  const leftMs = Math.max(0, config.responseDeadlineMs - (Date.now() - startedAt));
  let stop = () => {};
  const sofar = new Promise<Progress>((resolve) => {
    stop = () => resolve(flows.untilPlanned(id, 0));
    closing.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([flows.untilPlanned(id, closing.aborted ? 0 : leftMs), sofar]);
  } finally {
    closing.removeEventListener('abort', stop);
  }
}

/**
 * A stage gave up. 422 when the scope rules are why: the request cannot be taken as it is. Sent again, it is tried
 * again. 503 otherwise: it waits for a retry.
 */
export function failureAnswer({ failure }: Progress, body: object): HttpResponse {
  const { stage = 'a stage', reason = 'unknown', byScope = false, scopeChanged = false } = failure ?? {};
  if (!byScope) {
    const detail = `${stage} gave up: ${reason}; the submission waits for a retry`;
    return apiError('stage_gave_up', detail, { body });
  }
  const problem = { type: 'scope', loc: ['body'], msg: reason, input: null };
  return apiError(scopeChanged ? 'scope_changed' : 'scope_refused', [problem], { body });
}
