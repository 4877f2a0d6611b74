import { type Failure, MAX_CHAIN, type Resolution } from '../../model/resolution.ts';
import { type DnsAnswer, NXDOMAIN, questionOf, REFUSED, SERVFAIL } from './message.ts';
import type { AddressType, DnsRecord } from './records.ts';
import { sorted } from './resolution.ts';
import type { Attempt } from './server.ts';
import type { DnsServers } from './servers.ts';

/**
 * One try at a name's addresses of one family: each server at most once for every query it takes. Most servers follow
 * the CNAMEs themselves; one that stops half-way is asked again. Never rejects.
 *
 * @param now epoch milliseconds
 */
export async function lookUp(
  servers: DnsServers,
  name: string,
  type: AddressType,
  attempt: Attempt,
  now: () => number,
): Promise<Resolution> {
  let question = questionOf(name, type);
  const way = new Way(question?.name ?? '');
  while (question) {
    const reply = await servers.ask(question, attempt);
    if (typeof reply === 'string') return { failure: reply, chain: way.chain };
    const { records = [] } = reply;
    const steps = way.chain.length;
    const failure = way.follow(records) ?? failureOf(reply);
    if (failure) return { failure, chain: way.chain };
    const addresses = way.addresses(records, type);
    if (addresses.length > 0) {
      return { addresses: sorted(addresses), chain: way.chain, ttlS: way.ttlS, atMs: now() };
    }
    if (way.chain.length === steps) return { failure: 'nodata', chain: way.chain };
    if (attempt.leftMs <= 0) return { failure: 'timeout', chain: way.chain };
    question = questionOf(way.end === '' ? '.' : way.end, type);
  }
  return { failure: 'badname', chain: way.chain };
}

/** From the name asked for along CNAMEs to the one that the addresses stand under. */
class Way {
  readonly #start: string;
  /** The targets so far. */
  readonly chain: string[] = [];
  ttlS = Number.POSITIVE_INFINITY;

  constructor(start: string) {
    this.#start = start;
  }

  get end(): string {
    return this.chain.at(-1) ?? this.#start;
  }

  /** As far as the records lead. */
  follow(records: readonly DnsRecord[]): 'cname_loop' | 'cname_too_long' | undefined {
    for (;;) {
      const next = records.find(({ type, owner }) => type === 'CNAME' && owner === this.end);
      if (!next) return undefined;
      if (this.chain.length === MAX_CHAIN) return 'cname_too_long';
      const known = next.data === this.#start || this.chain.includes(next.data);
      this.chain.push(next.data);
      this.ttlS = Math.min(this.ttlS, next.ttlS);
      if (known) return 'cname_loop';
    }
  }

  addresses(records: readonly DnsRecord[], wanted: AddressType): string[] {
    const found = records.filter(({ type, owner }) => type === wanted && owner === this.end);
    for (const { ttlS } of found) this.ttlS = Math.min(this.ttlS, ttlS);
    return found.map(({ data }) => data);
  }
}

function failureOf({ rcode, truncated, records }: DnsAnswer): Failure | undefined {
  if (rcode === NXDOMAIN) return 'nxdomain';
  if (rcode === SERVFAIL) return 'servfail';
  if (rcode === REFUSED) return 'refused';
  return rcode !== 0 || truncated || !records ? 'other' : undefined;
}
