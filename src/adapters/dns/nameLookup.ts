import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { lookUp } from './lookup.ts';
import type { AddressType } from './records.ts';
import { combined, isAnswer, isFinal } from './resolution.ts';
import type { DnsServers } from './servers.ts';

export interface Limits {
  servers: DnsServers;
  /** For one try. */
  deadlineMs: number;
  signal: AbortSignal;
  /** Epoch milliseconds. */
  now(): number;
}

export const TYPES: Readonly<Record<IpVersion, readonly AddressType[]>> = {
  '4': ['A'],
  '6': ['AAAA'],
  any: ['A', 'AAAA'],
};

/** Before the first try. */
const UNASKED: Resolution = { failure: 'timeout', chain: [] };

/** One name that is asked for, as often as it takes, and what came of it. */
export class NameLookup {
  readonly name: string;
  /** Whether any server said anything in the last try, be it an error. */
  answered = false;
  /** IPv4 first. */
  readonly #families: Map<AddressType, Resolution>;
  #tries = 0;

  constructor(name: string, ipVersion: IpVersion) {
    this.name = name;
    this.#families = new Map(TYPES[ipVersion].map((type) => [type, UNASKED]));
  }

  /** Whether asking again would give the same, for each family. */
  get final(): boolean {
    return [...this.#families.values()].every(isFinal);
  }

  /** What is known now. */
  get resolution(): Resolution {
    return [...this.#families.values()].reduce(combined);
  }

  /** The same with what the hosts file has, in the place of what failed. */
  resolutionWith(addresses: readonly string[], atMs: number): Resolution {
    const inPlace = ([type, resolution]: [AddressType, Resolution]): Resolution => {
      const known = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
      if (!('failure' in resolution) || known.length === 0) return resolution;
      // The chain that DNS told stays: an exclusion may be about it.
      return { addresses: known, chain: resolution.chain, ttlS: 0, atMs };
    };
    return [...this.#families].map(inPlace).reduce(combined);
  }

  /** Asks once for what is not final yet, both families at once; `onSent` is told of every packet. Never rejects. */
  async try({ servers, deadlineMs, signal, now }: Limits, onSent: () => void): Promise<void> {
    // A server may say nothing, or an error, to a name in random case: every second try is in lower case.
    const plain = this.#tries++ % 2 === 1;
    const open = [...this.#families].filter(([, resolution]) => !isFinal(resolution));
    const asking = open.map(([type]) => {
      const attempt = { leftMs: deadlineMs, plain, signal, onSent };
      return { type, reply: lookUp(servers, this.name, type, attempt, now) };
    });
    this.answered = false;
    for (const { type, reply } of asking) {
      const resolution = await reply;
      this.#families.set(type, resolution);
      if (isAnswer(resolution)) this.answered = true;
    }
  }
}
