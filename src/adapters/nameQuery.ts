import { lookUp } from './dnsLookup.ts';
import type { AddressType } from './dnsMessage.ts';
import type { DnsServers } from './dnsServers.ts';
import type { Outstanding } from './outstanding.ts';
import { combined, type IpVersion, isAnswer, isFinal, type Resolution } from './resolution.ts';

interface Limits {
  servers: DnsServers;
  deadlineMs: number;
  call: Outstanding;
}

const TYPES: Readonly<Record<IpVersion, readonly AddressType[]>> = {
  '4': ['A'],
  '6': ['AAAA'],
  any: ['A', 'AAAA'],
};

/** Before the first try. */
export const UNASKED: Resolution = { failure: 'timeout', chain: [] };

/** One name that is asked for, as often as it takes, and what came of it. */
export class NameQuery {
  readonly name: string;
  readonly types: readonly AddressType[];
  /** Whether any server said anything in the last try, be it an error. */
  answered = false;
  #resolutions: Resolution[] = [];

  constructor(name: string, ipVersion: IpVersion) {
    this.name = name;
    this.types = TYPES[ipVersion];
  }

  /** Whether asking again would give the same, for each family. */
  get final(): boolean {
    return this.#resolutions.length > 0 && this.#resolutions.every(isFinal);
  }

  /** Asks once for what is not final yet. Never rejects. */
  async try({ servers, deadlineMs, call }: Limits): Promise<void> {
    this.answered = false;
    for (const [index, type] of this.types.entries()) {
      const known = this.#resolutions[index];
      if (known && isFinal(known)) continue;
      const resolution = await lookUp(servers, this.name, type, deadlineMs, call);
      this.#resolutions[index] = resolution;
      if (isAnswer(resolution)) this.answered = true;
    }
  }

  /** What is known now. */
  resolution(): Resolution {
    const [first = UNASKED, second] = this.#resolutions;
    return second ? combined(first, second) : first;
  }
}
