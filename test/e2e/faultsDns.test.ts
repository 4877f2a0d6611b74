/** No DNS server at all: no name may be taken for dead because nobody could be asked. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const zone = ['9.9.9.10 alive.test', '9.9.9.12 alive.test'];

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone });
  await dns.stop(); // only its port is wanted, closed
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: `${dns.address}:${dns.port}` });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it('503 that names DNS; when a server appears, the same request completes', async () => {
  const project = randomUUID();
  const submit = () =>
    tasker.post(`/tasks/${project}/run-nmap`, scan(['alive.test', 'dead.test', '9.9.9.11']));

  const refused = await submit();
  expect(refused.status).toBe(503);
  expect(refused.body.detail).toMatch(/^resolve gave up: no DNS server answers/);
  expect(refused.body.detail).toContain(`${dns.address}:${dns.port}`);
  const { body: failed } = await tasker.get(refused.body.submission.href);
  expect(failed).toMatchObject({ state: 'failed', total: 0, failure: { stage: 'resolve' } });
  expect(failed.summary.refused.unresolvable).toBe(0);
  expect(await takeTasks(installation.vhost)).toEqual([]);
  // It waits for a retry, so a caller that watches must not take it for finished.
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(3);

  dns = await startDnsServer({ zone, port: dns.port });
  const { status, body } = await submit();
  expect(status).toBe(200);
  expect(body.submission.id).toBe(refused.body.submission.id);
  expect(body.summary).toMatchObject({ resolved_ips: 3, sent_to_scan: 3, refused: { unresolvable: 1 } });
  expect(body.prepared_targets['dead.test']).toEqual({
    hostnames: ['dead.test'],
    valid: false,
    reason: 'unresolvable',
  });
  await eventually('it is done', async () => isSent((await tasker.get(body.submission.href)).body.state));
  const ips = (await takeTasks(installation.vhost)).map(({ task }) => task.ip);
  expect(ips.sort()).toEqual(['9.9.9.10', '9.9.9.11', '9.9.9.12']);
}, 120_000);

it('a request without names needs no DNS', async () => {
  await dns.stop();
  const { status, body } = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['9.9.9.13']));
  dns = await startDnsServer({ zone, port: dns.port });
  expect(status).toBe(200);
  expect(body.summary.sent_to_scan).toBe(1);
});
