import type { RefusalReason } from '../../model/refusal.ts';
import type { Failure, Progress, StageName, Summary } from '../../model/submission.ts';
import type { SubmissionFacts } from './facts.ts';
import type { FailedJob, Obstacles, PausedBy } from './obstacles.ts';

/** How far the look-up of a submission's names is. */
export interface Expansion {
  /** Whether its entries are read. */
  expanded: boolean;
  /** Chunks of names, and how many of them are looked up. */
  chunks: { done: number; total: number };
}

/** Out of the facts as they are kept, and of what stands in its way. */
export function progressOf(facts: SubmissionFacts, expansion: Expansion, obstacles: Obstacles): Progress {
  const { id, kind, project, user, state, priority, createdAt, total = 0, sent } = facts;
  const open = state === 'planning' || state === 'dispatching';
  const failure = open ? firstFailure(obstacles.failed.get(id)) : undefined;
  const refused = facts.refused ?? noRefusals();
  const summary: Summary = {
    provided: facts.provided,
    duplicates_removed: facts.duplicatesRemoved,
    resolved_ips: facts.resolvedIps,
    hostnames_collapsed_to_ip: facts.links,
    // What dedup counted, and what intake had skipped before.
    refused: { ...refused, other: refused.other + facts.invalid },
    sent_to_scan: facts.targets,
  };
  const paused = open ? whyPaused(facts, expansion, obstacles) : null;
  const isHeld = state === 'dispatching' && obstacles.pauses.has(id);
  const known = {
    id,
    kind,
    project,
    user,
    state: failure ? ('failed' as const) : isHeld ? ('paused' as const) : stateOf(facts),
    priority,
    createdAt,
    finishedAt: facts.finishedAt ?? null,
  };
  return {
    ...known,
    summary,
    total,
    sent: sent - facts.again,
    failed: facts.failed,
    paused,
    ...(failure && { failure }),
  };
}

/** What is kept says `done` of both, so that nothing else has to know the one after it. */
function stateOf({ state, finishedAt }: SubmissionFacts): Progress['state'] {
  return state === 'done' && finishedAt !== undefined ? 'finished' : state;
}

function firstFailure([first]: readonly FailedJob[] = []): Failure | undefined {
  if (first === undefined) return undefined;
  const { stage, reason, byScope, scopeChanged } = first;
  return { stage, reason, byScope, ...(scopeChanged && { scopeChanged }) };
}

/** Only queues that it still has to go through count. */
function whyPaused(
  facts: SubmissionFacts,
  expansion: Expansion,
  { paused, pauses, unknownProjects }: Obstacles,
): string | null {
  const since = unknownProjects.get(facts.project);
  if (since !== undefined && facts.kind !== 'plan')
    return `the project is not known to the users' store since ${since}`;
  const pause = facts.kind === 'plan' ? undefined : pauses.get(facts.id);
  if (pause !== undefined) return pauseText(pause);
  if (paused.length === 0) return null;
  const left = stagesLeft(facts, expansion).filter((stage) => paused.includes(stage));
  if (left.length === 0) return null;
  return left.length === 1
    ? `the queue ${left[0]} is paused on the board`
    : `the queues ${left.join(', ')} are paused on the board`;
}

function pauseText({ what, since, by, why }: PausedBy): string {
  const reason = why === null ? '' : `: ${why}`;
  return `the ${what} is paused by ${by} since ${since}${reason}`;
}

/** The stages that an open submission still has to go through. */
function stagesLeft(
  { state, kind, total, plan, names }: SubmissionFacts,
  { expanded, chunks }: Expansion,
): StageName[] {
  const sending: StageName[] = kind === 'plan' ? ['submission'] : ['publish', 'submission'];
  if (state === 'dispatching') return sending;
  if (total !== undefined) return ['split', ...sending];
  const deciding: StageName[] = ['dedup', 'split', ...sending];
  if (plan !== undefined) return deciding;
  if (!expanded) return ['expand', ...(names > 0 ? (['resolve'] as const) : []), ...deciding];
  return chunks.done < chunks.total ? ['resolve', ...deciding] : deciding;
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
