/** The hosts that ScanLedger has a record of, page by page. */
import { PermanentError, type ServiceUnavailableError } from '../../runtime/errors.ts';
import { type Address, parseAddress } from '../../targets/address/address.ts';
import { TooLong } from './http.ts';
import type { PageLimits } from './limits.ts';

/** What ScanLedger has a record of. */
export interface RecordedHost {
  address: Address;
  hostnames: string[];
}

/** A ledger that is asked for the hosts of one project. */
export interface HostSource {
  /** Path of the list, without a query. */
  path: string;
  ask(path: string): Promise<unknown[]>;
  nonsense(path: string, what: string): ServiceUnavailableError;
}

/**
 * All of them, or an error: a page that cannot be true must not count as "nothing known", because then what is known
 * would be scanned again. Asks for fewer at once when their records are too long for one answer.
 *
 * @throws what `ask` throws, its `nonsense`, and PermanentError when there are too many or they take too long
 */
export async function* recordedHosts(
  source: HostSource,
  limits: PageLimits,
): AsyncGenerator<RecordedHost[], void> {
  const { pageHosts, samePages, projectHosts, readMs } = limits;
  const endMs = performance.now() + readMs;
  let before: RecordedHost[] = [];
  let same = 0;
  let limit = pageHosts;
  for (let skip = 0; ; ) {
    if (performance.now() > endMs)
      throw new PermanentError(
        `ScanLedger told ${skip} hosts of a project in ${readMs / 60_000} minutes and came to no end; ${SEE}`,
      );
    const path = `${source.path}?has_ports=false&skip=${skip}&limit=${limit}`;
    const items = await source.ask(path).catch((error: unknown) => {
      if (error instanceof TooLong) return error;
      throw error;
    });
    if (items instanceof TooLong) {
      if (limit === 1) throw items;
      limit = Math.ceil(limit / 4);
      continue;
    }
    if (items.length > limit) throw source.nonsense(path, `${items.length} hosts instead of ${limit}`);
    skip += items.length;
    if (skip > projectHosts)
      throw new PermanentError(`ScanLedger tells more than ${projectHosts} hosts of a project; ${SEE}`);
    const hosts = items.flatMap((item) => hostOf(source, path, item));
    same = beginsLike(hosts, before) ? same + 1 : 0;
    if (same === samePages) throw source.nonsense(path, `the same hosts on ${same + 1} pages in a row`);
    if (hosts.length > 0) yield hosts;
    if (items.length < limit) return;
    before = hosts;
    limit = Math.min(pageHosts, 2 * limit);
  }
}

const SEE = 'divide the project if it is so large, otherwise see why its pages (skip, limit) do not end';

function hostOf(source: HostSource, path: string, item: unknown): RecordedHost[] {
  if (typeof item === 'object' && item !== null && 'ip' in item && typeof item.ip === 'string') {
    const hostnames: unknown = ('hostnames' in item ? item.hostnames : undefined) ?? [];
    if (Array.isArray(hostnames) && hostnames.every((name) => typeof name === 'string')) {
      const address = parseAddress(item.ip);
      if (address !== undefined) return [{ address, hostnames }];
      // ScanLedger takes `fe80::1%eth0`, and nobody can mean it.
      if (parseAddress(item.ip.split('%', 1)[0] ?? '') !== undefined) return [];
      throw source.nonsense(path, 'an item whose ip is no address');
    }
  }
  throw source.nonsense(path, 'an item without ip and hostnames');
}

function beginsLike(hosts: readonly RecordedHost[], before: readonly RecordedHost[]): boolean {
  const length = Math.min(hosts.length, before.length);
  for (let i = 0; i < length; i++) if (hosts[i]?.address !== before[i]?.address) return false;
  return length > 0;
}
