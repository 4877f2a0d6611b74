/** A ledger that is away: nothing is scanned for want of knowing better, and the same request completes later. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type StandInLedger, startStandInLedger } from '../support/standInLedger.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const LEDGER_TOKEN = 'ledger-token';
const project = randomUUID();
const projects = { [project]: { '9.9.9.9': [], '9.9.9.10': ['old.test'] } };
const request = scan(['9.9.9.9', 'new.test', '9.9.9.11'], { mode: 'insert' });

let installation: Installation;
let dns: DnsServer;
let ledger: StandInLedger;
let tasker: Tasker;

const startLedger = (port = 0) =>
  startStandInLedger({ users: { [LEDGER_TOKEN]: { admin: true } }, projects, port });

const submit = () => tasker.post(`/tasks/${project}/run-nmap`, request);

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['9.9.9.10 new.test'] });
  ledger = await startLedger();
  tasker = await startTasker({
    ...installation.env,
    SCANLEDGER_BASE_URL: ledger.baseUrl,
    TASKER_AUTH_TOKEN: LEDGER_TOKEN,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
  });
});

afterAll(async () => {
  await tasker?.stop();
  await ledger?.stop();
  await dns?.stop();
  await installation?.drop();
});

it('away: 503 with the reason; back: the same request joins and completes, what is known is not scanned', async () => {
  await ledger.stop();
  const refused = await submit();
  expect(refused.status).toBe(503);
  expect(refused.body.detail).toMatch(/^dedup gave up: ScanLedger at http.*ECONNREFUSED/);
  expect(refused.body.submission.state).toBe('failed');
  expect(await takeTasks(installation.vhost)).toEqual([]);
  expect(await installation.redis.keys('lock:*')).toEqual([]);
  // It waits for a retry, so a caller that watches must not take it for finished.
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(3);

  ledger = await startLedger(Number(new URL(ledger.baseUrl).port));
  const { status, body } = await submit();
  expect(status).toBe(200);
  expect(body.submission.id).toBe(refused.body.submission.id);
  expect(body.summary).toMatchObject({ provided: 3, resolved_ips: 3, sent_to_scan: 1 });
  expect(body.summary.refused).toMatchObject({ already_in_scanledger: 2, unresolvable: 0 });
  const known = { valid: false, reason: 'already_in_scanledger' };
  expect(body.prepared_targets).toEqual({
    '9.9.9.9': { hostnames: [], ...known },
    '9.9.9.10': { hostnames: ['new.test'], ...known },
    '9.9.9.11': { hostnames: [], valid: true, reason: null },
  });
  await eventually('it is done', async () => isSent((await tasker.get(body.submission.href)).body.state));
  expect((await takeTasks(installation.vhost)).map(({ task }) => task.ip)).toEqual(['9.9.9.11']);

  expect(ledger.requests.filter(({ method }) => method === 'POST')).toEqual([
    {
      method: 'POST',
      url: `/projects/${project}/ips?mode=insert`,
      token: LEDGER_TOKEN,
      body: [{ ip: '9.9.9.10', hostnames: ['new.test'], ports: [] }],
    },
  ]);
  expect(ledger.projects.get(project)?.get('9.9.9.10')).toEqual(['old.test', 'new.test']);
});

it('away for less than the tries take: the caller does not notice', async () => {
  const before = ledger.requests.length;
  ledger.fault = 503;
  const answer = tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9'], { mode: 'insert' }));
  await eventually('dedup has asked', () => ledger.requests.length > before);
  delete ledger.fault;
  const { status, body } = await answer;
  expect(status).toBe(200);
  expect(body.summary).toMatchObject({ sent_to_scan: 0, refused: { already_in_scanledger: 1 } });
});

it('away makes no difference to the other modes: they scan what is known, too', async () => {
  ledger.fault = 'close';
  const { status, body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9']));
  delete ledger.fault;
  expect(status).toBe(200);
  expect(body.summary.sent_to_scan).toBe(1);
});
