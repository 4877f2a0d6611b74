import type { Address } from './address.ts';
import { formatAddress, parseAddress } from './address.ts';
import type { AddressRange } from './addressSet.ts';
import { describeBadIpv4 } from './badAddress.ts';
import { endsInNumber, parseHostName } from './hostName.ts';
import { formatNetwork, parseNetwork, usableHosts } from './network.ts';

/** One item of the request's `hosts`, understood. Equal entries have equal `normal` texts. */
export type Entry =
  | { kind: 'address'; address: Address; normal: string }
  /** `range`: the usable hosts. `normal`: `8.8.8.0/24`, without host bits. */
  | { kind: 'network'; range: AddressRange; normal: string }
  /** `name`: lower-case ASCII without a trailing dot. */
  | { kind: 'name'; name: string; normal: string };

/** `problem` is a clause for people; `suggestion` is there where it is clear what was meant. */
export type EntryResult = { ok: true; entry: Entry } | Refused;
type Refused = { ok: false; problem: string; suggestion?: string };

/** No address and no name is longer; longer texts are refused before anything looks at their content. */
const LONGEST_ENTRY = 400;
const LONGEST_SUGGESTION = 100;

/** Reads one entry strictly: an address, a network or a host name. Never throws. */
export function parseEntry(typed: string): EntryResult {
  if (typed.length > LONGEST_ENTRY) return refuse(`it is longer than ${LONGEST_ENTRY} characters`);
  const address = parseAddress(typed);
  if (address !== undefined)
    return { ok: true, entry: { kind: 'address', address, normal: formatAddress(address) } };
  return unusual(typed) ?? (typed.includes('/') ? network(typed) : addressOrName(typed));
}

/** What can be neither address nor network nor name, whatever else it holds. */
function unusual(typed: string): Refused | undefined {
  const trimmed = typed.trim();
  if (trimmed === '') return refuse('it is empty');
  // A line feed inside would also break the lists that are kept one entry a line.
  if (/[\p{Cc}\p{Cs}\p{Co}\ufffd]/u.test(trimmed)) return refuse('it contains a control character');
  // domainToASCII would drop these silently; only the two joiners belong into names of some scripts.
  const visible = typed.replace(/(?![\u200c\u200d])\p{Cf}/gu, '');
  if (visible !== typed) return refuse('it contains an invisible character', visible);
  if (trimmed !== typed) return refuse('it has a blank at its end or beginning', trimmed);
  if (/[\p{Z}]/u.test(typed)) return refuse('it contains a blank: one entry per string');
  if (/[,;]/.test(typed)) return refuse('it looks like a list: one entry per string');
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(typed);
  if (url !== null) return refuse('it is a URL, not a host', url[1]?.replace(/^.*@/, ''));
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(typed);
  if (bracketed !== null) return refuse('an address has no brackets', bracketed[1]);
  const zone = typed.indexOf('%');
  if (zone !== -1 && typed.includes(':')) return refuse('an address has no zone here', typed.slice(0, zone));
  return undefined;
}

function network(typed: string): EntryResult {
  const [left = '', right = '', ...more] = typed.split('/');
  const host = endsInNumber(left) || parseAddress(left) !== undefined ? undefined : left;
  if (more.length > 0) return refuse('it has more than one slash', host);
  const parsed = parseNetwork(left, right);
  if ('problem' in parsed) return refuse(parsed.problem, parsed.suggestion ?? host);
  return { ok: true, entry: { kind: 'network', range: usableHosts(parsed), normal: formatNetwork(parsed) } };
}

function addressOrName(typed: string): EntryResult {
  const [host = '', port = '', ...more] = typed.split(':');
  if (more.length > 0) return refuse('it is not an IPv6 address');
  if (typed.includes(':')) return refuse('a host has no port here', /^\d*$/.test(port) ? host : undefined);
  if (endsInNumber(typed)) return { ok: false, ...describeBadIpv4(typed) };
  const parsed = parseHostName(typed);
  if ('problem' in parsed) return refuse(parsed.problem);
  return { ok: true, entry: { kind: 'name', name: parsed.name, normal: parsed.name } };
}

/** A suggestion that would be refused itself gives way to what it would suggest in turn, or to none. */
function refuse(problem: string, candidate?: string): Refused {
  if (candidate === undefined) return { ok: false, problem };
  const parsed = parseEntry(candidate);
  const suggestion = parsed.ok ? parsed.entry.normal : parsed.suggestion;
  if (suggestion === undefined || suggestion.length > LONGEST_SUGGESTION) return { ok: false, problem };
  return { ok: false, problem, suggestion };
}
