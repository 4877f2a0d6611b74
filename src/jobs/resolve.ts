import type { Resolution } from '../model/resolution.ts';
import type { ResolvedName } from '../model/submission.ts';
import { AddressTally } from '../targets/addressTally.ts';
import type { Stage } from './runner/stage.ts';
import { countStored } from './storedQuota.ts';

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
  description: 'Host names become addresses, 500 names a job.',
  attempts: 4,
  backoffMs: 1_000,
  // They wait for name servers, and take little else.
  concurrency: 32,
  share: 16,
  async run({ submission, index = 0 }, { submissions, plans, resolver, wildcards, signal }) {
    const [facts, names] = await Promise.all([submissions.facts(submission), plans.names(submission, index)]);
    const ipVersion = facts.options.ip_version ?? '4';
    const onResolved = new AddressTally().watch(WHAT);
    const resolved = await resolver.resolve(names, { ipVersion, onResolved }, signal);
    const tally = new AddressTally();
    for (const [name, resolution] of resolved)
      tally.add(name, 'failure' in resolution ? 0 : resolution.addresses.length);
    if (tally.more > 0) tally.check(WHAT, await plans.countMoreAddresses(submission, index, tally.more));
    const marked = await wildcards(resolved, ipVersion, signal);
    await plans.saveResolved(
      submission,
      index,
      [...resolved].map(([name, resolution]): ResolvedName => {
        return [name, marked.has(name) ? { ...resolution, wildcard: true } : resolution];
      }),
    );
    await countStored(facts, { submissions });
    const wildcard = [...byDomain(marked)].map(([domain, each]) => {
      return { code: 'wildcard', message: wildcardText(domain, each) };
    });
    const half = [...byUnanswered(resolved)].map(([what, each]) => {
      return { code: 'unanswered', message: `${what}, so addresses may be missing: ${listed(each)}` };
    });
    await plans.saveWarnings(submission, `resolve-${index}`, [...wildcard, ...half]);
    return { names: names.length, ...(marked.size > 0 && { wildcard: marked.size }) };
  },
};

function byDomain(marked: ReadonlyMap<string, string>): Map<string, string[]> {
  const domains = new Map<string, string[]>();
  for (const [name, domain] of marked) add(domains, domain, name);
  return domains;
}

/** The names of which one family was not answered, by what went wrong. */
function byUnanswered(resolved: ReadonlyMap<string, Resolution>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, resolution] of resolved) {
    if ('failure' in resolution || !resolution.unanswered) continue;
    const { family, failure } = resolution.unanswered;
    add(found, `DNS does not tell the IPv${family} addresses (${failure})`, name);
  }
  return found;
}

function add(groups: Map<string, string[]>, key: string, name: string): void {
  const names = groups.get(key);
  if (names) names.push(name);
  else groups.set(key, [name]);
}

function wildcardText(domain: string, names: readonly string[]): string {
  return `${domain} answers for every name below it, so these may not exist: ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}
