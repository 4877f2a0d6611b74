import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LEDGER_LIMITS } from '../../../src/adapters/scanledger/limits.ts';
import { createScanledger, type Ledger } from '../../../src/adapters/scanledger/scanledger.ts';
import { ledgerHosts } from '../../../src/jobs/dedup/ledgerHosts.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { count, fromRanges, intersect, isEmpty, subtract } from '../../../src/targets/sets/addressSet.ts';
import { type StandInLedger, startStandInLedger } from '../../support/standInLedger.ts';

const PROJECT = randomUUID();
/** 11.0.0.0 */
const FIRST = 11 * 2 ** 24;

let server: StandInLedger;
let ledger: Ledger;

beforeAll(async () => {
  server = await startStandInLedger({ users: { token: { admin: true } } });
  const config = { baseUrl: server.baseUrl, token: 'token', tlsVerify: true };
  ledger = createScanledger(config, { ...LEDGER_LIMITS, pageHosts: 150_000 });
});

afterAll(async () => {
  await ledger?.close();
  await server?.stop();
});

it('known targets are all that the ledger tells, however many, and no others', async () => {
  const wanted = fromRanges([{ start: FIRST + 10_000, end: FIRST + 2 ** 20 }]);
  const hosts = Array.from({ length: 300_000 }, (_, i) => [formatAddress(FIRST + 2 * i), []] as const);
  server.projects.set(PROJECT, new Map(hosts.map(([ip]) => [ip, []])));
  const { known, merges } = await ledgerHosts(ledger, PROJECT, wanted, () => [], undefined);
  const told = fromRanges(hosts.map((_, i) => ({ start: FIRST + 2 * i, end: FIRST + 2 * i + 1 })));
  expect(isEmpty(subtract(known, intersect(told, wanted)))).toBe(true);
  expect(count(known)).toBe(295_000n);
  expect(merges).toEqual([]);
});

it('known targets lack each of our names once, in any spelling, also when a host comes twice', async () => {
  const ips = Array.from({ length: 4 }, (_, i) => formatAddress(FIRST + i));
  const names = new Map(ips.map((ip) => [ip, ['a.test', 'b.test', 'c.test']]));
  server.fault = { json: [...ips, ...ips].map((ip) => ({ ip, hostnames: ['B.Test', 'other.test'] })) };
  const wanted = fromRanges([{ start: FIRST, end: FIRST + 4 }]);
  const { known, merges } = await ledgerHosts(
    ledger,
    PROJECT,
    wanted,
    (ip) => names.get(ip) ?? [],
    undefined,
  );
  delete server.fault;
  expect(count(known)).toBe(4n);
  expect(merges).toEqual(ips.map((ip) => ({ ip, hostnames: ['a.test', 'c.test'] })));
});
