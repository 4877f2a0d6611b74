import type { ResolvedName } from '../adapters/planStore.ts';
import type { Resolution } from '../adapters/resolver.ts';
import { parseAddress } from '../targets/address.ts';
import type { Scope } from '../targets/scope.ts';
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
  async run({ submission, index = 0 }, { submissions, plans, resolver, scope, signal }) {
    const { options } = await submissions.facts(submission);
    const names = await plans.names(submission, index);
    const resolutions = await resolver.resolve(names, {}, signal);
    const resolved: Record<string, ResolvedName> = {};
    for (const [name, resolution] of resolutions) {
      resolved[name] = chosen(resolution, options.single_resolve, scope);
    }
    await plans.saveResolved(submission, index, resolved);
    return { names: names.length };
  },
};

/** With single_resolve: the lowest address that may be scanned, or the lowest of all when none may. */
function chosen(resolution: Resolution, single: boolean, scope: Scope): ResolvedName {
  if ('failure' in resolution) return resolution.failure;
  const { addresses } = resolution;
  if (!single) return addresses;
  const allowed = addresses.find((text) => {
    const address = parseAddress(text);
    return address !== undefined && scope.judge(address) === undefined;
  });
  return [allowed ?? addresses[0]].filter((address) => address !== undefined);
}
