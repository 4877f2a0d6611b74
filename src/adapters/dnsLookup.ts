import { type AddressType, type DnsRecord, NXDOMAIN, questionOf, REFUSED, SERVFAIL } from './dnsMessage.ts';
import type { Budget } from './dnsServer.ts';
import type { DnsServers } from './dnsServers.ts';
import type { Reply } from './dnsUdp.ts';
import type { Outstanding } from './outstanding.ts';
import { type Failure, MAX_CHAIN, type Resolution, sorted } from './resolution.ts';

/** A way along CNAMEs: from the name asked for to the one that the addresses stand under. */
interface Trail {
  /** The name itself and the targets so far. */
  names: string[];
  ttlS: number;
  failure?: 'cname_loop' | 'cname_too_long';
}

/**
 * One try at a name's addresses of one family: each server at most once for every query it takes. Most servers follow
 * the CNAMEs themselves; one that stops half-way is asked again. Never rejects.
 */
export async function lookUp(
  servers: DnsServers,
  name: string,
  type: AddressType,
  limitMs: number,
  call: Outstanding,
): Promise<Resolution> {
  const budget: Budget = { leftMs: limitMs };
  let question = questionOf(name, type);
  if (!question) return { failure: 'badname', chain: [] };
  const trail: Trail = { names: [question.name], ttlS: Number.POSITIVE_INFINITY };
  for (;;) {
    const reply = await servers.ask(question, budget, call);
    const before = trail.names.length;
    const records = typeof reply === 'object' ? (reply.records ?? []) : [];
    if (records.some(({ type }) => type === 'CNAME')) walk(trail, records);
    const failed = (failure: Failure): Resolution => ({ failure, chain: chainOf(trail) });
    if (trail.failure) return failed(trail.failure);
    const failure = failureOf(reply);
    if (failure) return failed(failure);
    const end = trail.names.at(-1) ?? '';
    const addresses = addressesAt(records, end, type, trail);
    if (addresses.length > 0) {
      return { addresses: sorted(addresses), chain: chainOf(trail), ttlS: trail.ttlS, atMs: Date.now() };
    }
    if (trail.names.length === before) return failed('nodata');
    if (budget.leftMs <= 0) return failed('timeout');
    question = questionOf(end === '' ? '.' : end, type);
    if (!question) return failed('badname');
  }
}

/** Follows the CNAMEs among the records as far as they lead; ends with a failure on a loop. */
function walk(trail: Trail, records: readonly DnsRecord[]): void {
  const next = new Map<string, DnsRecord>();
  for (const record of records) if (record.type === 'CNAME') next.set(record.owner, record);
  for (let at = next.get(trail.names.at(-1) ?? ''); at; at = next.get(at.data)) {
    if (trail.names.length > MAX_CHAIN) {
      trail.failure = 'cname_too_long';
      return;
    }
    if (trail.names.includes(at.data)) trail.failure = 'cname_loop';
    trail.names.push(at.data);
    trail.ttlS = Math.min(trail.ttlS, at.ttlS);
    if (trail.failure) return;
  }
}

function chainOf({ names }: Trail): string[] {
  return names.slice(1);
}

function addressesAt(
  records: readonly DnsRecord[],
  owner: string,
  type: AddressType,
  trail: Trail,
): string[] {
  const addresses: string[] = [];
  for (const record of records) {
    if (record.type !== type || record.owner !== owner) continue;
    addresses.push(record.data);
    trail.ttlS = Math.min(trail.ttlS, record.ttlS);
  }
  return addresses;
}

function failureOf(reply: Reply): Failure | undefined {
  if (typeof reply === 'string') return reply;
  if (reply.rcode === NXDOMAIN) return 'nxdomain';
  if (reply.rcode === SERVFAIL) return 'servfail';
  if (reply.rcode === REFUSED) return 'refused';
  return reply.rcode !== 0 || reply.truncated || !reply.records ? 'other' : undefined;
}
