import type { Resolution } from '../model/resolution.ts';
import type { ResolvedName, Warning } from '../model/submission.ts';
import { AddressTally } from '../targets/addressTally.ts';
import { firstOf } from './firstOf.ts';
import type { Stage } from './runner/stage.ts';
import { countStored } from './storedQuota.ts';

/** Jobs of one project at once in one process: each may hold many addresses. */
export const RESOLVE_SHARE = 16;
/** Names that a warning mentions. */
const NAMED = 5;
const WHAT = 'the names';

/**
 * Looks up one chunk of names. A name that stays dead is a refusal, not a failure of the job; a resolver that does
 * not answer at all is a failure, so that no name is taken for dead by mistake. Names that resolve only because their
 * domain answers for every name are marked, and stay; so do those of which one family was not answered.
 */
export const resolve: Stage = {
  name: 'resolve',
  injected: true,
  description: 'Host names become addresses, 500 to 2,000 names a job.',
  attempts: 4,
  backoffMs: 1_000,
  // They wait for name servers, and take little else.
  concurrency: 32,
  share: RESOLVE_SHARE,
  async run({ submission, index = 0 }, { facts, submissions, plans, resolver, wildcards, signal }) {
    const names = await plans.names(submission, index);
    const ipVersion = facts.options.ip_version ?? '4';
    const watched = new AddressTally().watch(WHAT);
    const watch = wildcards(ipVersion, signal);
    const onResolved = (name: string, resolution: Resolution) => {
      watched(name, resolution);
      watch.see(name, resolution);
    };
    const resolved = await resolver.resolve(names, { ipVersion, onResolved }, signal);
    const tally = new AddressTally();
    for (const [name, resolution] of resolved)
      tally.add(name, 'failure' in resolution ? 0 : resolution.addresses.length);
    if (tally.more > 0) tally.check(WHAT, await plans.countMoreAddresses(submission, index, tally.more));
    const marked = await watch.flagged(resolved);
    await plans.saveResolved(
      submission,
      index,
      [...resolved].map(([name, resolution]): ResolvedName => {
        return [name, marked.has(name) ? { ...resolution, wildcard: true } : resolution];
      }),
    );
    await countStored(facts, { submissions });
    await plans.saveWarnings(submission, `resolve-${index}`, warningsOf(resolved, marked));
    return { names: names.length, ...(marked.size > 0 && { wildcard: marked.size }) };
  },
};

/** One for each domain that answers for every name, and for each way in which one family was not answered. */
function warningsOf(
  resolved: ReadonlyMap<string, Resolution>,
  marked: ReadonlyMap<string, string>,
): Warning[] {
  const groups = new Map<string, { code: string; names: string[] }>();
  const add = (code: string, what: string, name: string) => {
    const group = groups.get(what) ?? { code, names: [] };
    group.names.push(name);
    groups.set(what, group);
  };
  for (const [name, domain] of marked)
    add('wildcard', `${domain} answers for every name below it, so these may not exist`, name);
  for (const [name, resolution] of resolved) {
    if ('failure' in resolution || !resolution.unanswered) continue;
    const { family, failure } = resolution.unanswered;
    const what = `DNS does not tell the IPv${family} addresses (${failure}), so addresses may be missing`;
    add('unanswered', what, name);
  }
  return [...groups].map(([what, { code, names }]) => {
    return { code, message: `${what}: ${firstOf(names, NAMED)}` };
  });
}
