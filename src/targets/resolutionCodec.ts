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
  return `${atMs} ${ttlS} ${joined(addresses)} ${joined(chain)}${half}`;
}

/** Undefined for what this version of Tasker would not have written. Blank by blank: thousands of names come here. */
export function decodeResolution(text: string): Answer | undefined {
  const ttl = text.indexOf(' ') + 1;
  const list = text.indexOf(' ', ttl) + 1;
  const chain = text.indexOf(' ', list) + 1;
  if (ttl === 0 || list === 0 || chain === 0) return undefined;
  const atMs = Number(text.slice(0, ttl - 1));
  const ttlS = Number(text.slice(ttl, list - 1));
  const addresses = split(text.slice(list, chain - 1));
  if (!(atMs > 0 && ttlS >= 0) || addresses.length === 0) return undefined;
  for (const address of addresses) if (parseAddress(address) === undefined) return undefined;
  const half = text.indexOf(' ', chain) + 1;
  if (half === 0) return { addresses, chain: split(text.slice(chain)), ttlS, atMs };
  return {
    addresses,
    chain: split(text.slice(chain, half - 1)),
    ttlS,
    atMs,
    unanswered: parseUnanswered(text.slice(half)),
  };
}

function parseUnanswered(text: string): Unanswered {
  const [family, failure] = text.split(' ');
  return { family: family === '4' ? '4' : '6', failure: failure as Failure };
}

/** One line for each name, which comes first; before one of a wildcard domain stands `*`. */
export function encodeResolved(resolved: readonly ResolvedName[]): string {
  return resolved
    .map(([name, resolution]) => {
      if ('failure' in resolution)
        return `${name} ${FAILED}${resolution.failure} ${joined(resolution.chain)}`;
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

function joined(items: readonly string[]): string {
  return items.length === 1 ? (items[0] ?? '') : items.join();
}

function split(list: string): string[] {
  if (list === '') return [];
  return list.includes(',') ? list.split(',') : [list];
}
