/**
 * The flow's shape, in one place. The chain below is added at once; while it runs, `expand` injects the resolve
 * jobs under dedup, and `split` and `publish` inject the batches under the root. docs/decisions says why no child
 * carries a failure option: one retry of the failed job resumes everything.
 */
import type { FlowJob } from 'bullmq';
import type { SubmissionFacts } from '../adapters/submissions/facts.ts';
import { dedup } from '../jobs/dedup/dedup.ts';
import { expand } from '../jobs/expand.ts';
import { finish } from '../jobs/finish.ts';
import { publish } from '../jobs/publish/publish.ts';
import { resolve } from '../jobs/resolve.ts';
import { jobOptionsOf, type Stage } from '../jobs/runner/stage.ts';
import { split } from '../jobs/split.ts';
import type { StageName } from '../model/submission.ts';

/** The stages in the order in which a submission goes through them. */
export const FLOW: Readonly<Record<StageName, Stage>> = {
  expand,
  resolve,
  dedup,
  split,
  publish,
  submission: finish,
};

const CHAIN = Object.values(FLOW).filter(({ injected }) => !injected);

/**
 * What is still to be done of a submission whose flow is gone. Once it is being sent its set must not be decided anew:
 * the lanes go on with the one they have.
 */
export function restOfFlow({ id, plan, state }: SubmissionFacts): FlowJob {
  if (state === 'dispatching') return flowFrom('split', id);
  return flowFrom(plan === undefined ? 'expand' : 'dedup', id);
}

/**
 * The flow from a stage on; that of what is planned already begins with dedup. Each stage is a child of the next: a
 * parent runs when all its children are done.
 */
export function flowFrom(first: StageName, id: string): FlowJob {
  const [lowest = finish, ...above] = CHAIN.slice(CHAIN.findIndex(({ name }) => name === first));
  return above.reduce((child, stage) => node(stage, id, child), node(lowest, id));
}

function node(stage: Stage, id: string, child?: FlowJob): FlowJob {
  const ref = { submission: id };
  return {
    name: stage.name,
    queueName: stage.name,
    data: ref,
    opts: jobOptionsOf(stage, ref),
    ...(child ? { children: [child] } : {}),
  };
}
