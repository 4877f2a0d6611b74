/** Why something was scanned, or was not: asked of the running service. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CeleryWorker, startCeleryWorker } from '../support/celeryWorker/celeryWorker.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { eventually, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;
let worker: CeleryWorker | undefined;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['11.0.0.7 www.test', '11.0.0.9 www.test', '11.0.0.7 mail.test'] });
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: `${dns.address}:${dns.port}` });
});

afterAll(async () => {
  await worker?.kill();
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

const asked = async (project: string, target: string) =>
  tasker.get(`/tasks/${project}/explain?target=${encodeURIComponent(target)}`);
const only = async (project: string, target: string) => {
  const { body } = await asked(project, target);
  expect(body.submissions).toHaveLength(1);
  return body.submissions[0];
};

it('explain names entry and line, names, rule or task, and the worker that has it', async () => {
  const project = randomUUID();
  const hosts = ['11.0.0.0/28', '# web\nWWW.test, mail.test\ngone.test', '10.1.2.3'];
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts, { exclude: ['11.0.0.9'] }));
  await eventually('it is sent', async () => isSent((await tasker.get(body.submission.href)).body.state));

  expect(await only(project, '11.0.0.7')).toMatchObject({
    submission: { id: body.submission.id, state: 'done', user: { username: 'admin' } },
    entries: [
      { entry: '11.0.0.0/28', item: 0, line: 1, column: 1 },
      { entry: 'WWW.test', item: 1, line: 2, column: 1 },
      { entry: 'mail.test', item: 1, line: 2, column: 11 },
    ],
    names: [
      { name: 'www.test', addresses: ['11.0.0.7', '11.0.0.9'], chain: [], looked_up_at: expect.any(String) },
      { name: 'mail.test', addresses: ['11.0.0.7'] },
    ],
    addresses: [
      { address: '11.0.0.7', state: 'queued', task_id: expect.any(String), sent_at: expect.any(String) },
    ],
  });
  const excluded = {
    reason: 'forbidden',
    detail: { rule: 'exclusion', source: 'request', entry: '11.0.0.9' },
  };
  expect((await only(project, 'www.test')).addresses).toMatchObject([
    { address: '11.0.0.7', state: 'queued' },
    { address: '11.0.0.9', state: 'refused', refusal: excluded, task_id: null },
  ]);
  const network = await only(project, '11.0.0.0/24');
  expect(network.entries.map(({ entry }: { entry: string }) => entry)).toEqual([
    '11.0.0.0/28',
    'WWW.test',
    'mail.test',
  ]);
  expect(network.network).toEqual({ accepted: 13, refused: { forbidden: 1 } });
  expect(network.addresses).toHaveLength(14);
  expect(network.addresses[8]).toMatchObject({ address: '11.0.0.9', state: 'refused', refusal: excluded });
  expect(await only(project, '10.1.2.3')).toMatchObject({
    entries: [{ item: 2 }],
    addresses: [
      { refusal: { reason: 'private_ip', detail: { rule: 'special_purpose', entry: '10.0.0.0/8' } } },
    ],
  });
  expect(await only(project, 'GONE.test.')).toMatchObject({
    names: [{ name: 'gone.test', refusal: { reason: 'unresolvable', detail: { entry: 'nxdomain' } } }],
    addresses: [],
  });
  expect((await asked(project, '11.0.0.99')).body).toEqual({ submissions: [], next: null });
  expect((await asked(randomUUID(), '11.0.0.7')).body.submissions).toEqual([]);

  // A second request for the same: refused because the first one is queued. The newest comes first.
  await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.0.0.7']));
  const { body: both } = await asked(project, '11.0.0.7');
  expect(both.submissions.map(({ addresses }: { addresses: object[] }) => addresses[0])).toMatchObject([
    { state: 'refused', refusal: { reason: 'already_in_queue', detail: { rule: 'queue' } } },
    { state: 'queued' },
  ]);

  const { vhost, db } = installation;
  worker = await startCeleryWorker({ ...services(), vhost, db, hostname: 'scan-7', scanSeconds: 120 });
  const running = await eventually('one runs', async () => {
    const { body: status } = await tasker.get(`/tasks/${project}/status`);
    return status.running_targets[0]?.ip;
  });
  const explained = (await asked(project, running)).body.submissions.at(-1);
  expect(explained.addresses).toMatchObject([
    { address: running, state: 'running', worker: 'scan-7', started_at: expect.toSatisfy(Number.isInteger) },
  ]);
  await tasker.get(`/tasks/${project}/stop-nmap`);
  const stopped = (await asked(project, running)).body.submissions.at(-1);
  expect(stopped.addresses[0].state).toBe('stopped');
});

it('explain refuses what is no target, or several ranges of them', async () => {
  const project = randomUUID();
  for (const target of ['', '11.0.0.0/33', '11.0.0-3.1', '11.0.0.300', 'a b']) {
    const { status, body } = await asked(project, target);
    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['query', 'target']);
  }
  expect((await tasker.get(`/tasks/${project}/explain`)).status).toBe(422);
});
