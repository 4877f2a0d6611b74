import { hasTooManyAddresses, withEarlier } from '../../adapters/dns/resolution.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { Resolution } from '../../model/resolution.ts';
import type { ResolvedName } from '../../model/submission.ts';
import { ScopeError } from '../../runtime/errors.ts';
import { AddressTally } from '../../targets/addressTally.ts';
import { lowest } from '../../targets/entries/hostPattern.ts';
import { type CompiledRules, exclusionAt, matching, namedBy } from '../../targets/scope/compiledRules.ts';
import type { Level } from '../../targets/scope/rules.ts';
import { firstOf } from '../firstOf.ts';
import { findExcluded } from '../longWork.ts';
import type { StageServices } from '../runner/stage.ts';

/** Names that are named when the rules cannot be applied because of them. */
const NAMED = 10;
/** The name is known to have no address: nothing of it can come in under another name. */
const NO_ADDRESS = new Set(['nxdomain', 'nodata', 'badname']);

interface Names {
  /** What the names of the submission came to, chunk by chunk. */
  submitted: readonly string[];
  /** What was known of excluded names before: it goes on counting. */
  known?: readonly ResolvedName[];
}

interface FoundName {
  name: string;
  /** What DNS says now. */
  now: Resolution;
  /** Of the first exclusion that is about it: the others come from people who may allow less. */
  level: Level;
}

/**
 * Looks up, in both families, every name that the exclusions are about: those that they name, and those of the
 * submission that fall under one of them, also through their CNAME chain. Whatever is scanned, both families have to
 * be answered: the other one may be in a network of the submission, and half an answer hides it.
 *
 * @throws ScopeError when one of them could be any address: nothing may be scanned then, unless it is allowed and only
 * the request itself excludes the name
 */
export async function excludedNames(
  { options }: Pick<SubmissionFacts, 'options'>,
  rules: CompiledRules,
  { submitted, known = [] }: Names,
  { resolver, compute }: Pick<StageServices, 'resolver' | 'compute'>,
  signal: AbortSignal | undefined,
): Promise<ResolvedName[]> {
  if (rules.hosts.length === 0) return [];
  const listed = new Set(namedBy(rules));
  const excludedBy = new Map([...listed].map((name) => [name, matching(rules, name, [])]));
  for (const [name, index] of await findExcluded(rules, submitted, compute, signal))
    excludedBy.set(name, lowest(excludedBy.get(name), index));
  if (excludedBy.size === 0) return [];
  const onResolved = new AddressTally().watch('the excluded names');
  const resolved = await resolver.resolve([...excludedBy.keys()], { ipVersion: 'any', onResolved }, signal);
  const before = new Map(known);
  const found = [...resolved].map(([name, now]) => {
    const level = levelOf(rules, excludedBy.get(name));
    return { name, now, level, ...joined(now, before.get(name), listed.has(name)) };
  });
  // Of what the request itself excludes; never of the other levels, which are not the caller's.
  const allowed = options.allow_unresolved_exclusions === true;
  // Whatever is allowed: these addresses are known, and some of them would be scanned.
  const tooMany = found.filter(({ now }) => hasTooManyAddresses(now));
  // A target that was taken out of the scan is no rule: what its name is not known to lead to is scanned.
  const bars = (level: Level) => level !== 'cancel' && (!allowed || level !== 'request');
  const open = found.filter(({ isOpen, level }) => isOpen && bars(level));
  const barring = tooMany.length > 0 ? tooMany : open;
  if (barring.length > 0) throw new ScopeError(unresolved(barring, allowed));
  return found.map(({ name, resolution }) => [name, resolution]);
}

/** Where nothing is known of the exclusion, nobody may pass over it. */
function levelOf(rules: CompiledRules, index: number | undefined): Level {
  return (index === undefined ? undefined : exclusionAt(rules, index)?.level) ?? 'installation';
}

/**
 * Once excluded, an address stays so for this submission: what was known before is added to what is found now. Open is
 * a name of which one family was never answered.
 */
function joined(
  now: Resolution,
  earlier: Resolution | undefined,
  isListed: boolean,
): { resolution: Resolution; isOpen: boolean } {
  const before = earlier && !('failure' in earlier) ? earlier : undefined;
  if ('failure' in now) {
    if (before === undefined) return { resolution: now, isOpen: isListed || !NO_ADDRESS.has(now.failure) };
    return { resolution: before, isOpen: before.unanswered !== undefined };
  }
  const resolution = before ? withEarlier(now, before) : now;
  return { resolution, isOpen: resolution.unanswered !== undefined };
}

function unresolved(names: readonly FoundName[], allowed: boolean): string {
  const named = names.map(({ name, now, level }) => `${name} (${why(now)}) [${level}]`);
  const ofRequest = names.some(({ level }) => level === 'request');
  return (
    `excluded names do not resolve, or in one family only, so they could be any address: ${firstOf(named, NAMED)}; ` +
    `correct or remove them${ofRequest ? ', or send allow_unresolved_exclusions: true' : ''}` +
    (allowed || !ofRequest ? ' (allow_unresolved_exclusions is for what the request itself excludes)' : '')
  );
}

function why(now: Resolution): string {
  if ('failure' in now) return now.failure;
  const { unanswered } = now;
  return unanswered ? `IPv${unanswered.family}: ${unanswered.failure}` : 'in one family only before';
}
