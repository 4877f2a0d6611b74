import type { Redis } from 'ioredis';
import { FAILED_PLAN_LIFE_MS } from '../adapters/submissions/endScripts.ts';
import type { SubmissionIndex, SubmissionPlace } from '../adapters/submissions/index.ts';
import { readObstacles } from '../adapters/submissions/obstacles.ts';
import type { SubmissionView } from '../adapters/submissions/submissionView.ts';
import type { Progress } from '../model/submission.ts';
import { listSubmissions, type SubmissionQuery } from './submissionList.ts';

export interface ListedPlan {
  progress: Progress;
  /** ISO 8601; undefined: not before it is made. */
  expiresAt: string | undefined;
}

export interface PlanPage {
  plans: ListedPlan[];
  /** The next page comes behind this one; undefined: there is none. */
  next: SubmissionPlace | undefined;
}

/** The plans of a project, newest first, with the ends of those that are made or failed. */
export async function listPlans(
  project: string,
  query: SubmissionQuery,
  { redis, ...services }: { redis: Redis; index: SubmissionIndex; view: SubmissionView },
): Promise<PlanPage> {
  const { submissions, next } = await listSubmissions(project, query, services);
  const ids = submissions.map(({ id }) => id);
  const [ends, { failed }] = await Promise.all([services.view.endsOf(ids), readObstacles(redis, ids)]);
  const plans = submissions.map((progress, index): ListedPlan => {
    const failures = failed.get(progress.id)?.map(({ failedAtMs }) => failedAtMs + FAILED_PLAN_LIFE_MS);
    const endMs = failures ? Math.max(...failures) : ends[index];
    return { progress, expiresAt: endMs === undefined ? undefined : new Date(endMs).toISOString() };
  });
  return { plans, next };
}
