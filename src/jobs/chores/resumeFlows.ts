import type { Chore } from './chores.ts';

/** A process that died while it took a request in left a submission without jobs: it gets them here. */
export const resumeFlows: Chore = {
  name: 'resume_flows',
  description: 'Every 20 s submissions without a flow get it, and those that wait for a retry are logged.',
  everyMs: 20_000,
  atStart: false,
  run: ({ resumeFlows }) => resumeFlows(),
};
