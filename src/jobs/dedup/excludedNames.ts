import { hasTooManyAddresses, withEarlier } from '../../adapters/dns/resolution.ts';
import type { NameResolver, Resolution } from '../../adapters/dns/resolver.ts';
import type { ResolvedName } from '../../model/submission.ts';
import type { Compute } from '../../runtime/compute.ts';
import { ScopeError } from '../../runtime/errors.ts';
import { AddressTally } from '../../targets/addressTally.ts';
import { lowest } from '../../targets/entries/hostPattern.ts';
import { type CompiledRules, exclusionAt, matching, namedBy } from '../../targets/scope/compiledRules.ts';
import type { Level } from '../../targets/scope/rules.ts';
import { findExcluded } from '../longWork.ts';

/** Names that are named when the rules cannot be applied because of them. */
const NAMED = 10;
/** The name is known to have no address: nothing of it can come in under another name. */
const NO_ADDRESS = new Set(['nxdomain', 'nodata', 'badname']);

interface Lookup {
  rules: CompiledRules;
  /** What the names of the submission came to, chunk by chunk. */
  submitted: readonly string[];
  /** What was known of excluded names before: it goes on counting. */
  known?: readonly ResolvedName[];
  /** Of what the request itself excludes; never of the other levels, which are not the caller's. */
  allowUnresolved: boolean;
}

/** A name of which one family was never answered. */
interface OpenName {
  name: string;
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
  { rules, submitted, known = [], allowUnresolved }: Lookup,
  { resolver, compute }: { resolver: NameResolver; compute: Compute },
  signal: AbortSignal | undefined,
): Promise<ResolvedName[]> {
  if (rules.hosts.length === 0) return [];
  const listed = new Set(namedBy(rules));
  const excludedBy = new Map([...listed].map((name) => [name, matching(rules, name, [])]));
  for (const [name, index] of await findExcluded(rules, submitted, compute, signal))
    excludedBy.set(name, lowest(excludedBy.get(name), index));
  if (excludedBy.size === 0) return [];
  const onResolved = new AddressTally().watch('the excluded names');
  const options = { ipVersion: 'any', onResolved } as const;
  const found = await resolver.resolve([...excludedBy.keys()], options, signal);
  const openName = (name: string): OpenName => ({ name, level: levelOf(rules, excludedBy.get(name)) });
  // Whatever is allowed: these addresses are known, and some of them would be scanned.
  const tooMany = [...found].filter(([, resolution]) => hasTooManyAddresses(resolution));
  if (tooMany.length > 0)
    throw new ScopeError(
      unresolved(
        tooMany.map(([name]) => openName(name)),
        found,
        allowUnresolved,
      ),
    );
  const before = new Map(known);
  const open: OpenName[] = [];
  const names = [...found].map(([name, now]): ResolvedName => {
    const { resolution, isOpen } = joined(now, before.get(name), listed.has(name));
    if (isOpen) open.push(openName(name));
    return [name, resolution];
  });
  const barring = open.filter(({ level }) => !allowUnresolved || level !== 'request');
  if (barring.length > 0) throw new ScopeError(unresolved(barring, found, allowUnresolved));
  return names;
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
  before: Resolution | undefined,
  isListed: boolean,
): { resolution: Resolution; isOpen: boolean } {
  if (before === undefined || 'failure' in before) {
    if (!('failure' in now)) return { resolution: now, isOpen: now.unanswered !== undefined };
    return { resolution: now, isOpen: isListed || !NO_ADDRESS.has(now.failure) };
  }
  if ('failure' in now) return { resolution: before, isOpen: before.unanswered !== undefined };
  const resolution = withEarlier(now, before);
  return { resolution, isOpen: resolution.unanswered !== undefined };
}

function unresolved(
  open: readonly OpenName[],
  found: ReadonlyMap<string, Resolution>,
  allowed: boolean,
): string {
  const named = open
    .slice(0, NAMED)
    .map(({ name, level }) => `${name} (${why(found.get(name))}) [${level}]`)
    .join(', ');
  const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : '';
  const ofRequest = open.some(({ level }) => level === 'request');
  return (
    `excluded names do not resolve, or in one family only, so they could be any address: ${named}${more}; ` +
    `correct or remove them${ofRequest ? ', or send allow_unresolved_exclusions: true' : ''}` +
    (allowed || !ofRequest ? ' (allow_unresolved_exclusions is for what the request itself excludes)' : '')
  );
}

function why(resolution: Resolution | undefined): string {
  if (resolution === undefined) return 'not answered';
  if ('failure' in resolution) return resolution.failure;
  const { unanswered } = resolution;
  return unanswered ? `IPv${unanswered.family}: ${unanswered.failure}` : 'in one family only before';
}
