import type { Failure, Progress } from '../../model/submission.ts';

/** What is known of a submission, and whatever stands beside it, as callers are told. */
export function submissionBody<P extends Progress>({
  id,
  kind,
  project,
  user,
  state,
  priority,
  createdAt,
  finishedAt,
  failure,
  ...rest
}: P) {
  const known = { id, kind, project, user, state, priority, created_at: createdAt, finished_at: finishedAt };
  return { ...known, ...rest, ...(failure && { failure: failureBody(failure) }) };
}

export function failureBody({ stage, reason, byScope }: Failure) {
  return { stage, reason, by_scope: byScope };
}
