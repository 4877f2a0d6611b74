import type { Stage } from './stage.ts';

/**
 * Looks up one chunk of names. A name that stays dead is a refusal, not a failure of the job; a resolver that does
 * not answer at all is a failure, so that no name is taken for dead by mistake.
 */
export const resolve: Stage = {
  name: 'resolve',
  description: 'Host names become addresses, 500 names a job.',
  attempts: 4,
  backoffMs: 1_000,
  concurrency: 4,
  async run({ submission, index = 0 }, { submissions, plans, resolver, signal }) {
    const { options } = await submissions.facts(submission);
    const names = await plans.names(submission, index);
    const resolved = await resolver.resolve(names, { ipVersion: options.ip_version ?? '4' }, signal);
    await plans.saveResolved(submission, index, [...resolved]);
    return { names: names.length };
  },
};
