/** What is taken out of scans that were submitted before, as callers write it. */
import type { AuditEvent, AuditNote } from '../../adapters/audit/entry.ts';
import { listedOf, shortText } from '../../adapters/audit/entry.ts';
import type { TakenOut, TakeOut } from '../../flows/takeBack/takeOut.ts';
import { ScopeError } from '../../runtime/errors.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { auditNote } from '../audit/note.ts';
import { apiError, invalid, plainError } from '../http/httpErrors.ts';
import type { ErrorResponse, ProjectContext, Services } from '../http/route.ts';
import { ValidationErrors } from '../http/validationErrors.ts';
import { addTooMany, readEntries } from './body.ts';

type Read = { ok: true; entries: string[] } | { ok: false; answer: ErrorResponse };

/** Each entry in one spelling. */
export function readTakenOut(
  typed: readonly string[],
  { field, list }: { field: 'exclude' | 'hosts'; list: 'rules' | 'targets' },
  { config }: Pick<Services, 'config'>,
): Read {
  const { allowSingleLabel } = config;
  const errors = new ValidationErrors();
  const sum = new RangeSum();
  const entries = new Map<string, string>();
  for (const [index, item] of typed.entries()) {
    const loc = ['body', field, index];
    for (const { normal, entry, ranges } of readEntries(item, loc, errors, { allowSingleLabel }, list)) {
      if (!entries.has(normal)) sum.add(entry, ranges);
      entries.set(normal, entry);
    }
  }
  addTooMany(sum, ['body', field], errors);
  if (errors.total > 0) return { ok: false, answer: invalid(errors.listed, errors.total) };
  return { ok: true, entries: [...entries.values()] };
}

/** Does it, and says why it was not done. */
export async function takeOut(
  context: ProjectContext,
  asked: Omit<TakeOut, 'project' | 'by'>,
  event: AuditEvent,
  services: Services,
): Promise<{ ok: true; taken: TakenOut } | { ok: false; answer: ErrorResponse }> {
  const { project, caller, log } = context;
  const { submission = null, entries, running } = asked;
  const after = { entries: listedOf(entries, shortText), running };
  const note: AuditNote = auditNote(context, services, event, { on: { submission }, after });
  try {
    const taken = await services.flows.takeOut({ ...asked, project, by: caller.user.username }, note);
    if (typeof taken !== 'string') {
      const { receipt, ...rest } = taken;
      log.info({ receipt: receipt?.id, ...rest, unmatched: rest.unmatched.length }, 'taken out of scans');
      return { ok: true, taken };
    }
    return { ok: false, answer: refusalOf(taken) };
  } catch (error) {
    if (!(error instanceof ScopeError)) throw error;
    const problem = { type: 'scope', loc: ['body'], msg: error.message, input: null };
    return { ok: false, answer: apiError('scope_refused', [problem]) };
  }
}

function refusalOf(why: 'unknown' | 'ended' | 'full'): ErrorResponse {
  if (why === 'unknown') return plainError('unknown_submission');
  if (why === 'ended')
    return apiError('submission_ended', 'The submission is stopped, or done and nothing of it is out');
  const most = 'what is taken out of one scan later may have 1,048,576 characters';
  return apiError('too_many_exclusions', `${most}: write networks or ranges in the place of many entries`);
}
