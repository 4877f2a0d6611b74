/** A scan whose names take longer than a caller waits: what falcli sees of it, and that it can be stopped. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['11.1.0.1 slow.test'], behaviours: { '*': { drop: 'always' } } });
  const DNS_SERVERS = `${dns.address}:${dns.port}`;
  tasker = await startTasker({ ...installation.env, DNS_SERVERS, RESPONSE_DEADLINE: '1' });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it('a scan counts as queued while it is planned, a plan does not, and a stop counts it as revoked', async () => {
  const project = randomUUID();
  const hosts = ['slow.test', 'slower.test', '11.2.0.0/28'];
  const status = async () => (await tasker.get(`/tasks/${project}/status`)).body.active_or_queued;

  const plan = await tasker.post(`/tasks/${project}/plan`, scan(hosts));
  expect(plan.status).toBe(202);
  expect(await status()).toBe(0);

  const { status: code } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts));
  expect(code).toBe(202);
  expect(await status()).toBe(16);

  const sharded = scan(hosts, { port_shards: 2 }, ['80', '443']);
  expect((await tasker.post(`/tasks/${project}/run-nmap`, sharded)).status).toBe(202);
  expect(await status()).toBe(16 + 32);

  const stopped = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect(stopped.body).toEqual({ status: 'stopped', revoked: 48 });
  expect(await status()).toBe(0);
  expect((await tasker.get(`/tasks/${project}/stop-nmap`)).body).toEqual({ status: 'no_tasks', revoked: 0 });
});
