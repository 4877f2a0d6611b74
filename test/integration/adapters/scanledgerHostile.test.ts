/** A ScanLedger that is broken or means harm: never too much, never elsewhere, and never "nothing is known". */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEDGER_LIMITS } from '../../../src/adapters/scanledger/limits.ts';
import { createScanledger, type Ledger } from '../../../src/adapters/scanledger/scanledger.ts';
import { PermanentError, ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import type { Fault } from '../../support/ledgerFaults.ts';
import { eventually } from '../../support/services.ts';
import { type StandInLedger, startStandInLedger } from '../../support/standInLedger.ts';

const TOKEN = 'our-own-token';
const PROJECT = '5a3f0b1e-0000-4000-8000-000000000001';
const NAMES = [{ ip: '9.9.9.9', hostnames: ['a.test'] }];

const closers: (() => unknown)[] = [];
let server: StandInLedger;

beforeEach(async () => {
  server = await startStandInLedger({
    users: { [TOKEN]: { admin: true } },
    projects: { [PROJECT]: {} },
  });
  closers.push(() => server.stop());
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function ledgerWith(limits: Partial<typeof LEDGER_LIMITS> = {}): Ledger {
  const config = { baseUrl: server.baseUrl, token: TOKEN, tlsVerify: true };
  const ledger = createScanledger(config, { ...LEDGER_LIMITS, ...limits });
  closers.push(() => ledger.close());
  return ledger;
}

async function addressesOf(ledger: Ledger, afterPage = () => {}): Promise<string[]> {
  const addresses: string[] = [];
  for await (const page of ledger.knownHosts(PROJECT)) {
    addresses.push(...page.map(({ address }) => formatAddress(address)));
    afterPage();
  }
  return addresses;
}

/** What each kind of question comes to. */
async function errorsOf(ledger: Ledger): Promise<unknown[]> {
  const questions = [
    () => ledger.check(),
    () => addressesOf(ledger),
    () => ledger.addHostnames(PROJECT, NAMES),
  ];
  const results = await Promise.allSettled(questions.map((ask) => ask()));
  return results.map((result) => (result.status === 'rejected' ? result.reason : 'no error'));
}

/** Gives each of the addresses a record, in the order of the alphabet. */
function remember(count: number, octet = 9): string[] {
  const ips = Array.from({ length: count }, (_, i) => `${octet}.${100 + (i >> 7)}.0.${100 + (i & 127)}`);
  for (const ip of ips) server.projects.get(PROJECT)?.set(ip, []);
  return ips;
}

describe('one answer', () => {
  it.each<[string, Fault, RegExp]>([
    ['comes byte by byte', 'drip', /no full answer within 500 ms/],
    ['does not end', { endless: 200 }, /too long: more than 1000000 bytes/],
    ['breaks off', 'cut', /closed/],
    ['has too many lists', { json: Array(1_001).fill([]) }, /too long: 1002 lists and objects/],
    ['has too many values', { json: Array(10_001).fill(1) }, /too long: 10001 values/],
    ['has an endless error', { endless: 503 }, /answered 503/],
  ])('that %s', async (_what, fault, message) => {
    // Short only where that is the point: a busy machine takes its time for a megabyte.
    const answerMs = fault === 'drip' ? 500 : 10_000;
    const ledger = ledgerWith({ answerMs, answerBytes: 1_000_000, nested: 1_000, values: 10_000 });
    server.fault = fault;
    for (const error of await errorsOf(ledger)) {
      expect(error).toBeInstanceOf(ServiceUnavailableError);
      expect(error).toMatchObject({ service: 'ledger', message: expect.stringMatching(message) });
      expect(error).toMatchObject({ message: expect.not.stringContaining(TOKEN) });
    }
    delete server.fault;
    await ledger.check();
  });

  it('with an endless refusal is a refusal, and its connection is given up', async () => {
    const ledger = ledgerWith();
    server.fault = { endless: 401 };
    for (const error of await errorsOf(ledger)) expect(error).toBeInstanceOf(PermanentError);
    await eventually('no connection is left', async () => (await server.connections()) === 0);
  });

  it('has room beside others only as far as there is some', async () => {
    const ledger = ledgerWith({ answerMs: 500, heldBytes: 1_000_000 });
    server.fault = { stall: 600_000 };
    const errors = await Promise.allSettled([ledger.check(), ledger.check()]);
    const reasons = errors.map((each) => (each.status === 'rejected' ? String(each.reason) : 'none')).sort();
    expect(reasons).toEqual([
      expect.stringMatching(/too long: answers of more than 1000000 bytes at once/),
      expect.stringMatching(/no full answer within 500 ms/),
    ]);
    // Nothing of it stays reserved.
    remember(1);
    delete server.fault;
    server.hostCharacters = 600_000;
    for (let i = 0; i < 3; i++) expect(await addressesOf(ledger)).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('that leads elsewhere (%i) is not followed', async (redirect) => {
    const elsewhere = await startStandInLedger({ users: { [TOKEN]: { admin: true } } });
    closers.push(() => elsewhere.stop());
    server.fault = { redirect, to: elsewhere.baseUrl };
    for (const error of await errorsOf(ledgerWith())) {
      expect(error).toBeInstanceOf(PermanentError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/redirects are not followed; check SCANLEDGER_BASE_URL/),
      });
    }
    expect(elsewhere.requests).toEqual([]);
    expect(await elsewhere.connections()).toBe(0);
  });
});

describe('the hosts of a project', () => {
  it('are asked for in shorter pages where their records are long, and all come', async () => {
    const ips = remember(300);
    server.hostCharacters = 10_000;
    expect(await addressesOf(ledgerWith({ pageHosts: 100, answerBytes: 250_000 }))).toEqual(ips);
    const sizes = server.requests.map(({ url }) =>
      Number(new URL(url, server.baseUrl).searchParams.get('limit')),
    );
    expect(sizes.slice(0, 4)).toEqual([100, 25, 7, 14]);
    expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(28);
  });

  it('of which one alone is too long are an error', async () => {
    remember(3);
    server.hostCharacters = 10_000;
    const reading = addressesOf(ledgerWith({ answerBytes: 5_000 }));
    await expect(reading).rejects.toThrow(/its answer to GET \S+&limit=1 is too long: more than 5000 bytes/);
  });

  it('that do not come to an end do, by their number', async () => {
    server.fault = { pages: 'new' };
    const reading = addressesOf(ledgerWith({ projectHosts: 5_500 }));
    await expect(reading).rejects.toThrow(PermanentError);
    await expect(reading).rejects.toThrow(/more than 5500 hosts of a project; divide/);
    expect(server.requests).toHaveLength(6);
  });

  it('that do not come to an end do, by the time', async () => {
    server.fault = { pages: 'new' };
    const reading = addressesOf(ledgerWith({ readMs: 300 }));
    await expect(reading).rejects.toThrow(PermanentError);
    await expect(reading).rejects.toThrow(/hosts of a project in 0.005 minutes and came to no end/);
  });

  it('that are always the same are an error', async () => {
    server.fault = { pages: 'same' };
    await expect(addressesOf(ledgerWith())).rejects.toThrow(/the same hosts on 4 pages in a row/);
    expect(server.requests).toHaveLength(4);
  });

  it('may shift by a whole page while somebody writes', async () => {
    const ips = remember(250);
    let pages = 0;
    const addresses = await addressesOf(ledgerWith({ pageHosts: 100 }), () => {
      if (++pages === 1) remember(100, 1);
    });
    expect(new Set(addresses)).toEqual(new Set(ips));
    expect(addresses).toHaveLength(350);
  });

  it('that are more than were asked for are an error', async () => {
    remember(20);
    server.fault = { json: remember(20).map((ip) => ({ ip, hostnames: [] })) };
    await expect(addressesOf(ledgerWith({ pageHosts: 10 }))).rejects.toThrow(
      /nonsense.*20 hosts instead of 10/,
    );
  });
});
