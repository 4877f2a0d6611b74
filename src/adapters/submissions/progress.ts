import type { RefusalReason } from '../../model/refusal.ts';
import type { Failure, Progress, SubmissionState, Summary, User } from '../../model/submission.ts';
import { priorityIn } from './facts.ts';
import type { FailedJob, Obstacles } from './obstacles.ts';
import { type Expansion, stagesLeft } from './stagesLeft.ts';

/** What is kept of a submission that its progress follows from. */
export interface Kept extends Expansion {
  facts: Readonly<Record<string, string>>;
}

/** Out of the facts as they are kept, and of what stands in its way. */
export function progressOf(id: string, kept: Kept, obstacles: Obstacles): Progress {
  const hash = kept.facts;
  const number = (field: string) => Number(hash[field] ?? 0);
  const state = hash.state as SubmissionState;
  const open = state === 'planning' || state === 'dispatching';
  const failure = open ? firstFailure(obstacles.failed.get(id)) : undefined;
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
    priority: priorityIn(hash),
    createdAt: hash.created_at ?? '',
    summary,
    total: number('total'),
    sent: number('sent'),
    paused: open ? whyPaused(kept, obstacles) : null,
    ...(failure ? { failure } : {}),
  };
}

/** What dedup counted, and what intake had skipped before. */
function refusedCounts(counted: string | undefined, skipped: number): Summary['refused'] {
  const refused = counted === undefined ? noRefusals() : (JSON.parse(counted) as Summary['refused']);
  return { ...refused, other: refused.other + skipped };
}

function firstFailure([first]: readonly FailedJob[] = []): Failure | undefined {
  if (first === undefined) return undefined;
  const { stage, reason, byScope, scopeChanged } = first;
  return { stage, reason, byScope, ...(scopeChanged && { scopeChanged }) };
}

/** Only queues that it still has to go through count. */
function whyPaused(kept: Kept, { paused, unknownProjects }: Obstacles): string | null {
  const since = unknownProjects.get(kept.facts.project ?? '');
  if (since !== undefined && kept.facts.kind !== 'plan')
    return `the project is not known to the users' store since ${since}`;
  if (paused.length === 0) return null;
  const left = stagesLeft(kept.facts, kept).filter((stage) => paused.includes(stage));
  if (left.length === 0) return null;
  return left.length === 1
    ? `the queue ${left[0]} is paused on the board`
    : `the queues ${left.join(', ')} are paused on the board`;
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
