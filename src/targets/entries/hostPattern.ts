import { parseHostName } from './hostName.ts';
import type { BadText } from './leadingZero.ts';

/** The star, then one of the dots that IDNA takes for a dot. */
const STAR = /^\*[.\u3002\uff0e\uff61]/u;

/** Has the text the shape of a pattern, right or wrong? `*.1.2.3` has not: these are octets. */
export function looksLikePattern(typed: string): boolean {
  return (typed.includes('*') && /[^\d.,*-]/.test(typed)) || typed === '*' || /^\.[^.\d]/.test(typed);
}

/**
 * Reads `*.domain`: every name below it, at any depth, but not the domain itself. That is read as strictly as a host
 * name (IDN, any case, a trailing dot). A star elsewhere is refused, because nobody agrees on what it means.
 */
export function parseHostPattern(typed: string): { domain: string } | BadText {
  if (typed === '*') return { problem: 'a star alone is not understood: name a domain, or a network' };
  if (!STAR.test(typed)) return misplacedStar(typed);
  const parsed = parseHostName(typed.slice(2), { allowSingleLabel: true });
  return 'problem' in parsed ? { problem: parsed.problem } : { domain: parsed.name };
}

/** `*example.com`, `.example.com` and `*.*.example.com` have one reading that is a pattern. */
function misplacedStar(typed: string): { domain: string } | BadText {
  const problem = 'a pattern is a star, a dot and a domain';
  const parsed = parseHostName(typed.replace(/^[*.]+/, ''));
  return 'problem' in parsed ? { problem } : { problem, suggestion: `*.${parsed.name}` };
}

/** What a list of names and patterns is looked up by: one name, or a domain with everything below it. */
export type HostRule = { kind: 'name'; name: string } | { kind: 'pattern'; domain: string };

/** Where the first rule about a name or a domain stands. Data: a thread may make it. */
export interface HostIndex {
  names: ReadonlyMap<string, number>;
  domains: ReadonlyMap<string, number>;
}

/** @param rules with their index, ascending */
export function indexHosts(rules: Iterable<readonly [index: number, rule: HostRule]>): HostIndex {
  const names = new Map<string, number>();
  const domains = new Map<string, number>();
  for (const [index, rule] of rules) {
    const [map, key] = rule.kind === 'name' ? [names, rule.name] : [domains, rule.domain];
    if (!map.has(key)) map.set(key, index);
  }
  return { names, domains };
}

/**
 * The index of the first rule that matches a name in any case, with or without a trailing dot. The cost follows the
 * name's labels, not the number of rules.
 */
export function firstMatch({ names, domains }: HostIndex, typed: string): number | undefined {
  const name = (typed.endsWith('.') ? typed.slice(0, -1) : typed).toLowerCase();
  let first = names.get(name);
  if (domains.size === 0) return first;
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1))
    first = lowest(first, domains.get(name.slice(dot + 1)));
  return first;
}

/** The lower of two indexes, either of which may be missing. */
export function lowest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
