import type { Failure, Progress, RefusalReason, SubmissionState, Summary, User } from './submission.ts';

/** Out of the facts as they are kept, and what is noted of jobs that gave up. */
export function progressOf(id: string, hash: Record<string, string>, failures: readonly string[]): Progress {
  const number = (field: string) => Number(hash[field] ?? 0);
  const state = hash.state as SubmissionState;
  const open = state === 'planning' || state === 'dispatching';
  const failure = open ? firstFailure(failures) : undefined;
  const summary: Summary = {
    provided: number('provided'),
    duplicates_removed: number('duplicates_removed'),
    resolved_ips: number('resolved_ips'),
    hostnames_collapsed_to_ip: number('links'),
    refused: refusedCounts(hash.refused, number('invalid')),
    sent_to_scan: number('targets'),
  };
  return {
    id,
    kind: hash.kind === 'plan' ? 'plan' : 'scan',
    project: hash.project ?? '',
    user: JSON.parse(hash.user ?? '{}') as User,
    state: failure ? 'failed' : state,
    createdAt: hash.created_at ?? '',
    summary,
    total: number('total'),
    sent: number('sent'),
    ...(failure ? { failure } : {}),
  };
}

/** What dedup counted, and what intake had skipped before. */
function refusedCounts(counted: string | undefined, skipped: number): Summary['refused'] {
  const refused = counted === undefined ? noRefusals() : (JSON.parse(counted) as Summary['refused']);
  return { ...refused, other: refused.other + skipped };
}

function firstFailure([text]: readonly string[]): Failure | undefined {
  if (text === undefined) return undefined;
  const { stage, reason, byScope } = JSON.parse(text) as Failure;
  return { stage, reason, byScope };
}

export function noRefusals(): Record<RefusalReason, number> {
  return {
    already_in_scanledger: 0,
    already_in_queue: 0,
    forbidden: 0,
    private_ip: 0,
    unresolvable: 0,
    other: 0,
  };
}
