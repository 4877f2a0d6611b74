import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { RecordedHost } from '../../../src/adapters/scanledger/hosts.ts';
import { LEDGER_LIMITS } from '../../../src/adapters/scanledger/limits.ts';
import { createScanledger, type Ledger } from '../../../src/adapters/scanledger/scanledger.ts';
import type { ScanledgerConfig } from '../../../src/config/config.ts';
import { PermanentError, ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import type { Fault } from '../../support/ledgerFaults.ts';
import { eventually } from '../../support/services.ts';
import {
  type StandInLedger,
  type StandInLedgerOptions,
  startStandInLedger,
} from '../../support/standInLedger.ts';

const TOKEN = 'our-own-token';
const PROJECT = '5a3f0b1e-0000-4000-8000-000000000001';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: Partial<StandInLedgerOptions> = {}): Promise<StandInLedger> {
  const server = await startStandInLedger({
    users: { [TOKEN]: { admin: true } },
    projects: { [PROJECT]: {} },
    ...options,
  });
  closers.push(() => server.stop());
  return server;
}

function ledgerOf(baseUrl: string, config: Partial<ScanledgerConfig> = {}): Ledger {
  const ledger = createScanledger(
    { baseUrl, token: TOKEN, tlsVerify: true, ...config },
    { ...LEDGER_LIMITS, connectMs: 500, answerMs: 1000 },
  );
  closers.push(() => ledger.close());
  return ledger;
}

async function readAll(ledger: Ledger, project = PROJECT, signal?: AbortSignal): Promise<RecordedHost[][]> {
  const pages: RecordedHost[][] = [];
  for await (const page of ledger.knownHosts(project, signal)) pages.push(page);
  return pages;
}

/** Addresses 9.0.0.0 onwards, each with one host name. */
function manyIps(count: number): Record<string, string[]> {
  const ips: Record<string, string[]> = {};
  for (let i = 0; i < count; i++) ips[`9.${i >> 16}.${(i >> 8) & 255}.${i & 255}`] = [`n${i}.test`];
  return ips;
}

test('known hosts come in pages, and all of them', async () => {
  const ips = manyIps(2500);
  const server = await serve({ projects: { [PROJECT]: ips } });
  const pages = await readAll(ledgerOf(server.baseUrl));
  expect(pages.map((page) => page.length)).toEqual([1000, 1000, 500]);
  expect(
    Object.fromEntries(pages.flat().map(({ address, hostnames }) => [formatAddress(address), hostnames])),
  ).toEqual(ips);
  expect(server.requests.map(({ url, token }) => [url, token])).toEqual(
    [0, 1000, 2000].map((skip) => [
      `/projects/${PROJECT}/ips?has_ports=false&skip=${skip}&limit=1000`,
      TOKEN,
    ]),
  );
});

test('an empty project has no pages; a base URL may end in a slash', async () => {
  const server = await serve();
  expect(await readAll(ledgerOf(`${server.baseUrl}/`))).toEqual([]);
});

test('an address with a zone, which ScanLedger takes, is none of ours', async () => {
  const server = await serve({ projects: { [PROJECT]: { 'fe80::1%eth0': [], '9.9.9.9': [] } } });
  const hosts = (await readAll(ledgerOf(server.baseUrl))).flat();
  expect(hosts.map(({ address }) => formatAddress(address))).toEqual(['9.9.9.9']);
});

test('host names are merged in chunks', async () => {
  const server = await serve({ projects: { [PROJECT]: { '9.0.0.1': ['old.test'] } } });
  const hosts = Object.entries(manyIps(1200)).map(([ip, hostnames]) => ({ ip, hostnames }));
  await ledgerOf(server.baseUrl).addHostnames(PROJECT, hosts);
  expect(server.projects.get(PROJECT)?.get('9.0.0.1')).toEqual(['old.test', 'n1.test']);
  expect(server.projects.get(PROJECT)?.size).toBe(1200);
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
    Array(3).fill(`POST /projects/${PROJECT}/ips?mode=insert`),
  );
  expect(server.requests[0]?.body).toHaveLength(500);
  expect(server.requests[0]?.body).toHaveProperty('0', { ip: '9.0.0.0', hostnames: ['n0.test'], ports: [] });
});

test.each<Fault>([500, 503, 429, 'nonsense', 'hang', 'close'])(
  'ScanLedger is away when every request meets %s',
  async (fault) => {
    const server = await serve();
    const ledger = ledgerOf(server.baseUrl);
    server.fault = fault;
    const hosts = [{ ip: '9.9.9.9', hostnames: ['a.test'] }];
    const attempts = [ledger.check(), readAll(ledger), ledger.addHostnames(PROJECT, hosts)];
    for (const { reason } of (await Promise.allSettled(attempts)) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(ServiceUnavailableError);
      expect(reason).toMatchObject({ service: 'ledger', message: expect.stringContaining(server.baseUrl) });
      expect(reason.message).not.toContain(TOKEN);
    }
    delete server.fault;
    await ledger.check();
  },
);

test('ScanLedger is away when nobody listens', async () => {
  const server = await serve();
  await server.stop();
  await expect(ledgerOf(server.baseUrl).check()).rejects.toThrow(ServiceUnavailableError);
});

test('JSON of the wrong shape is refused as nonsense', async () => {
  for (const body of [
    '{"detail":"hello"}',
    '[{"hostnames":[]}]',
    '[{"ip":"9.9.9.9","hostnames":[1]}]',
    '[{"ip":"9.9.9","hostnames":[]}]',
    '[{"ip":"x%eth0","hostnames":[]}]',
    'null',
  ]) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`),
      );
    }).listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(readAll(ledgerOf(`http://127.0.0.1:${port}`)), body).rejects.toThrow(/nonsense/);
  }
});

test('a refused token and an unknown project say what to do', async () => {
  const server = await serve();
  const wrong = ledgerOf(server.baseUrl, { token: 'wrong-token' });
  for (const attempt of [() => wrong.check(), () => readAll(wrong)]) {
    const error = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ message: expect.stringContaining('TASKER_AUTH_TOKEN') });
    expect(error).toMatchObject({ message: expect.not.stringContaining('wrong-token') });
  }
  const unknown = readAll(ledgerOf(server.baseUrl), '5a3f0b1e-0000-4000-8000-00000000ffff');
  await expect(unknown).rejects.toThrow(PermanentError);
});

test('an aborted call throws the reason at once', async () => {
  const server = await serve();
  server.fault = 'hang';
  const abort = new AbortController();
  const call = expect(readAll(ledgerOf(server.baseUrl), PROJECT, abort.signal)).rejects.toThrow('enough');
  await eventually('the request', () => server.requests.length === 1);
  abort.abort(new Error('enough'));
  await call;
});
