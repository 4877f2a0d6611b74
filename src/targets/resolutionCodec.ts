/**
 * The text form of what names came to, as Redis keeps it, fields with a blank between them:
 *
 * - `atMs ttlS address,address cname,cname`, the last field empty without CNAMEs; behind it `family failure` of a name
 *   of which one family was not answered
 * - `!failure cname,cname`
 *
 * The names of a chain are whatever a server says, without blanks and commas.
 */

import type { Answer, Failure, Unanswered } from '../model/resolution.ts';
import type { ResolvedName } from '../model/submission.ts';
import { parseAddress } from './address/address.ts';

const FAILED = '!';
/** Stands before the name, which holds none itself. */
const WILDCARD = '*';

export function encodeResolution({ atMs, ttlS, addresses, chain, unanswered }: Answer): string {
  const half = unanswered ? ` ${unanswered.family} ${unanswered.failure}` : '';
  return `${atMs} ${ttlS} ${addresses.join()} ${chain.join()}${half}`;
}

/** Undefined for what this version of Tasker would not have written. */
export function decodeResolution(text: string): Answer | undefined {
  const [at, ttl, list = '', chain, family, failure] = text.split(' ');
  const [atMs, ttlS, addresses] = [Number(at), Number(ttl), split(list)];
  if (!(atMs > 0 && ttlS >= 0) || chain === undefined || addresses.length === 0) return undefined;
  for (const address of addresses) if (parseAddress(address) === undefined) return undefined;
  const answer = { addresses, chain: split(chain), ttlS, atMs };
  if (family === undefined) return answer;
  const unanswered: Unanswered = { family: family === '4' ? '4' : '6', failure: failure as Failure };
  return { ...answer, unanswered };
}

/** One line for each name, which comes first; before one of a wildcard domain stands `*`. */
export function encodeResolved(resolved: readonly ResolvedName[]): string {
  return resolved
    .map(([name, resolution]) => {
      if ('failure' in resolution) return `${name} ${FAILED}${resolution.failure} ${resolution.chain.join()}`;
      return `${resolution.wildcard ? WILDCARD : ''}${name} ${encodeResolution(resolution)}`;
    })
    .join('\n');
}

/** @throws Error on any other text */
export function decodeResolved(text: string): ResolvedName[] {
  return text === '' ? [] : text.split('\n').map(parseLine);
}

function parseLine(line: string): ResolvedName {
  const blank = line.indexOf(' ');
  const wildcard = line.startsWith(WILDCARD);
  const name = line.slice(wildcard ? WILDCARD.length : 0, blank);
  if (line[blank + 1] === FAILED) {
    const [failure = '', chain = ''] = line.slice(blank + 2).split(' ');
    return [name, { failure: failure as Failure, chain: split(chain) }];
  }
  const answer = decodeResolution(line.slice(blank + 1));
  if (name === '' || answer === undefined) throw new Error(`what is kept of a name is broken: ${line}`);
  return [name, wildcard ? { ...answer, wildcard: true } : answer];
}

function split(list: string): string[] {
  return list === '' ? [] : list.split(',');
}
