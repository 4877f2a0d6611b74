import { hasTooManyAddresses, withEarlier } from '../adapters/resolution.ts';
import type { NameResolver, Resolution } from '../adapters/resolver.ts';
import type { ResolvedName } from '../adapters/submission.ts';
import { ScopeError } from '../errors.ts';
import type { CompiledRules } from '../targets/compiledRules.ts';
import { AddressTally } from './addressTally.ts';

/** Names that are named when the rules cannot be applied because of them. */
const NAMED = 10;
/** The name is known to have no address: nothing of it can come in under another name. */
const NO_ADDRESS = new Set(['nxdomain', 'nodata', 'badname']);

interface Lookup {
  rules: CompiledRules;
  /** The names of the submission, with what they came to. */
  submitted: readonly ResolvedName[];
  /** What was known of excluded names before: it goes on counting. */
  known?: readonly ResolvedName[];
  allowUnresolved: boolean;
}

/**
 * Looks up, in both families, every name that the exclusions are about: those that they name, and those of the
 * submission that fall under one of them, also through their CNAME chain. Whatever is scanned, both families have to
 * be answered: the other one may be in a network of the submission, and half an answer hides it.
 *
 * @throws ScopeError when one of them could be any address, unless that is allowed: nothing may be scanned then
 */
export async function excludedNames(
  { rules, submitted, known = [], allowUnresolved }: Lookup,
  resolver: NameResolver,
  signal: AbortSignal | undefined,
): Promise<ResolvedName[]> {
  if (!rules.aboutNames) return [];
  const listed = new Set(rules.names);
  const matching = submitted
    .filter(([name, { chain }]) => !listed.has(name) && rules.matching(name, chain) !== undefined)
    .map(([name]) => name);
  if (listed.size + matching.length === 0) return [];
  const onResolved = new AddressTally().watch('the excluded names');
  const options = { ipVersion: 'any', onResolved } as const;
  const found = await resolver.resolve([...listed, ...matching], options, signal);
  // Whatever is allowed: these addresses are known, and some of them would be scanned.
  const tooMany = [...found].filter(([, resolution]) => hasTooManyAddresses(resolution));
  if (tooMany.length > 0)
    throw new ScopeError(
      unresolved(
        tooMany.map(([name]) => name),
        found,
      ),
    );
  const before = new Map(known);
  const open: string[] = [];
  const names = [...found].map(([name, now]): ResolvedName => {
    const { resolution, isOpen } = joined(now, before.get(name), listed.has(name));
    if (isOpen) open.push(name);
    return [name, resolution];
  });
  if (open.length > 0 && !allowUnresolved) throw new ScopeError(unresolved(open, found));
  return names;
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

function unresolved(open: readonly string[], found: ReadonlyMap<string, Resolution>): string {
  const named = open.slice(0, NAMED).map((name) => {
    const resolution = found.get(name);
    if (resolution === undefined) return name;
    if ('failure' in resolution) return `${name} (${resolution.failure})`;
    const { unanswered } = resolution;
    return unanswered ? `${name} (IPv${unanswered.family}: ${unanswered.failure})` : name;
  });
  const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : '';
  return (
    `excluded names do not resolve, or in one family only, so they could be any address: ${named.join(', ')}${more}; ` +
    'correct or remove them, or send allow_unresolved_exclusions: true'
  );
}
