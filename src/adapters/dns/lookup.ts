import { type Failure, MAX_CHAIN, type Resolution } from '../../model/resolution.ts';
import {
  type AddressType,
  type DnsAnswer,
  type DnsRecord,
  NXDOMAIN,
  questionOf,
  REFUSED,
  SERVFAIL,
} from './message.ts';
import type { Outstanding } from './outstanding.ts';
import { sorted } from './resolution.ts';
import type { Budget } from './server.ts';
import type { DnsServers } from './servers.ts';

interface HowToLookUp {
  limitMs: number;
  plain?: boolean;
  /** Epoch milliseconds. @default Date.now */
  now?: () => number;
  onSent?: (() => void) | undefined;
}

/**
 * One try at a name's addresses of one family: each server at most once for every query it takes. Most servers follow
 * the CNAMEs themselves; one that stops half-way is asked again. `plain`: in lower case. Never rejects.
 */
export async function lookUp(
  servers: DnsServers,
  name: string,
  type: AddressType,
  { limitMs, plain = false, now = Date.now, onSent }: HowToLookUp,
  call: Outstanding,
): Promise<Resolution> {
  const budget: Budget = { leftMs: limitMs, onSent };
  const questionFor = (asked: string) => {
    const question = questionOf(asked, type);
    return question && plain ? { ...question, plain } : question;
  };
  let question = questionFor(name);
  let way: Way | undefined;
  while (question) {
    const reply = await servers.ask(question, budget, call);
    way ??= new Way(question.name);
    if (typeof reply === 'string') return { failure: reply, chain: way.chain };
    const steps = way.chain.length;
    const failure = way.follow(reply.records ?? []) ?? failureOf(reply);
    if (failure) return { failure, chain: way.chain };
    const addresses = way.addresses(reply.records ?? [], type);
    if (addresses.length > 0) {
      return { addresses: sorted(addresses), chain: way.chain, ttlS: way.ttlS, atMs: now() };
    }
    if (way.chain.length === steps) return { failure: 'nodata', chain: way.chain };
    if (budget.leftMs <= 0) return { failure: 'timeout', chain: way.chain };
    question = questionFor(way.end === '' ? '.' : way.end);
  }
  return { failure: 'badname', chain: way?.chain ?? [] };
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
      const next = cnameOf(this.end, records);
      if (!next) return undefined;
      if (this.chain.length === MAX_CHAIN) return 'cname_too_long';
      const known = next.data === this.#start || this.chain.includes(next.data);
      this.chain.push(next.data);
      this.ttlS = Math.min(this.ttlS, next.ttlS);
      if (known) return 'cname_loop';
    }
  }

  addresses(records: readonly DnsRecord[], type: AddressType): string[] {
    const { end } = this;
    const addresses: string[] = [];
    for (const record of records) {
      if (record.type !== type || record.owner !== end) continue;
      addresses.push(record.data);
      this.ttlS = Math.min(this.ttlS, record.ttlS);
    }
    return addresses;
  }
}

function cnameOf(name: string, records: readonly DnsRecord[]): DnsRecord | undefined {
  for (const record of records) if (record.type === 'CNAME' && record.owner === name) return record;
  return undefined;
}

function failureOf({ rcode, truncated, records }: DnsAnswer): Failure | undefined {
  if (rcode === NXDOMAIN) return 'nxdomain';
  if (rcode === SERVFAIL) return 'servfail';
  if (rcode === REFUSED) return 'refused';
  return rcode !== 0 || truncated || !records ? 'other' : undefined;
}
