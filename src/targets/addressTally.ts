import type { Resolution } from '../model/resolution.ts';
import { ScopeError } from '../runtime/errors.ts';

/**
 * Addresses that the names of a submission, or those that exclusions name, may lead to beside one for each. Each is held
 * with its names until the submission is planned.
 */
export const MOST_MORE_ADDRESSES = 500_000;
const NAMED = 5;

/** How many addresses names lead to, and which names to most. */
export class AddressTally {
  addresses = 0;
  /** Beside one for each name. */
  more = 0;
  #greatest: { name: string; addresses: number }[] = [];

  /** @param addresses none: the name has no address */
  add(name: string, addresses: number): void {
    this.addresses += addresses;
    this.more += Math.max(0, addresses - 1);
    if (addresses < 2 || addresses <= (this.#greatest[NAMED - 1]?.addresses ?? 0)) return;
    this.#greatest.push({ name, addresses });
    this.#greatest.sort((a, b) => b.addresses - a.addresses);
    this.#greatest.length = Math.min(this.#greatest.length, NAMED);
  }

  /** `a.test (4000), b.test (3900)`; empty when each has one at most. */
  get greatest(): string {
    return this.#greatest.map(({ name, addresses }) => `${name} (${addresses})`).join(', ');
  }

  /** @throws ScopeError when there are more than can be held; `all`: with those of other names */
  check(what: string, all = this.more): void {
    if (all <= MOST_MORE_ADDRESSES) return;
    throw new ScopeError(
      `${what} lead to at least ${all} addresses beside one for each name; the limit is ${MOST_MORE_ADDRESSES}. ` +
        `Most have ${this.greatest}: leave some out, or write networks`,
    );
  }

  /** Counts and checks names as they are resolved, so that no more is held than may be. */
  watch(what: string): (name: string, resolution: Resolution) => void {
    return (name, resolution) => {
      this.add(name, 'failure' in resolution ? 0 : resolution.addresses.length);
      this.check(what);
    };
  }
}
