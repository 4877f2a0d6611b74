import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { lookUp } from './lookup.ts';
import type { AddressType } from './message.ts';
import type { Outstanding } from './outstanding.ts';
import { combined, isAnswer, isFinal } from './resolution.ts';
import type { DnsServers } from './servers.ts';

export interface Limits {
  servers: DnsServers;
  deadlineMs: number;
  call: Outstanding;
  /** Told of a query that needs no more tries. */
  onFinal(query: NameLookup): void;
}

const TYPES: Readonly<Record<IpVersion, readonly AddressType[]>> = {
  '4': ['A'],
  '6': ['AAAA'],
  any: ['A', 'AAAA'],
};

/** Before the first try. */
const UNASKED: Resolution = { failure: 'timeout', chain: [] };

/** One name that is asked for, as often as it takes, and what came of it. */
export class NameLookup {
  readonly name: string;
  readonly types: readonly AddressType[];
  /** Whether any server said anything in the last try, be it an error. */
  answered = false;
  readonly #now: () => number;
  #tries = 0;
  #first: Resolution = UNASKED;
  #second: Resolution | undefined;

  /** `now` in epoch milliseconds. */
  constructor(name: string, ipVersion: IpVersion, now: () => number) {
    this.name = name;
    this.#now = now;
    this.types = TYPES[ipVersion];
    if (this.types.length > 1) this.#second = UNASKED;
  }

  /** Whether asking again would give the same, for each family. */
  get final(): boolean {
    return isFinal(this.#first) && (this.#second === undefined || isFinal(this.#second));
  }

  /** What is known now. */
  get resolution(): Resolution {
    return this.#second ? combined(this.#first, this.#second) : this.#first;
  }

  /** The same with what the hosts file has, in the place of what failed. */
  resolutionWith(addresses: readonly string[]): Resolution {
    const [first = 'A', second] = this.types;
    const inPlace = (resolution: Resolution, type: AddressType) =>
      inPlaceOf(resolution, ofType(addresses, type), this.#now());
    const found = inPlace(this.#first, first);
    return this.#second && second ? combined(found, inPlace(this.#second, second)) : found;
  }

  /** Asks once for what is not final yet, both families at once; `onSent` is told of every packet. Never rejects. */
  async try({ servers, deadlineMs, call, onFinal }: Limits, onSent?: () => void): Promise<void> {
    const [firstType = 'A', secondType] = this.types;
    this.answered = false;
    // A server may say nothing, or an error, to a name in random case: every second try is in lower case.
    const plain = this.#tries++ % 2 === 1;
    const how = { limitMs: deadlineMs, plain, now: this.#now, onSent };
    const ask = (type: AddressType) => lookUp(servers, this.name, type, how, call);
    const first = isFinal(this.#first) ? undefined : ask(firstType);
    const second = secondType && this.#second && !isFinal(this.#second) ? ask(secondType) : undefined;
    if (first) this.#first = await first;
    if (second) this.#second = await second;
    this.answered = (first && isAnswer(this.#first)) || (second && isAnswer(this.#second)) || false;
    if (this.final) onFinal(this);
  }
}

function ofType(addresses: readonly string[], type: AddressType): string[] {
  return addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
}

/** The chain that DNS told stays: an exclusion may be about it. */
function inPlaceOf(resolution: Resolution, addresses: string[], atMs: number): Resolution {
  if (!('failure' in resolution) || addresses.length === 0) return resolution;
  return { addresses, chain: resolution.chain, ttlS: 0, atMs };
}
