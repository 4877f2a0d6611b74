/** Names that nobody answers for keep nobody else waiting, and their work ends when somebody says so. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { ownerless } from '../support/keyOwners.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({
    zone: ['11.0.0.7 www.test'],
    behaviours: { '*': { drop: 'always' }, 'www.test': {}, '.': {} },
  });
  tasker = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    // The silent ones are at it for longer than anybody waits for an answer.
    RESPONSE_DEADLINE: '10',
    DNS_TIMEOUT: '12',
  });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

const silent = (count: number) => Array.from({ length: count }, (_, i) => `n${i}-${randomUUID()}.silent`);
const remove = (path: string) =>
  fetch(tasker.url + path, { method: 'DELETE', headers: { authorization: `Bearer ${TOKEN}` } });
const listed = async (project: string) => (await tasker.get(`/tasks/${project}/plans`)).body.plans;

it('a scan is planned beside plans of thousands of silent names, which a DELETE and a stop end', async () => {
  const project = randomUUID();
  const answers = [];
  for (let i = 0; i < 4; i++)
    answers.push(tasker.post(`/tasks/${project}/plan`, scan(['11.0.0.1'], { exclude: silent(2_000) })));
  answers.push(tasker.post(`/tasks/${project}/plan`, scan(silent(10_000))));
  await eventually('all of them are being planned', async () => (await listed(project)).length === 5);
  await eventually('names are asked for', () => dns.queries.size > 1_000);

  const bystander = randomUUID();
  const plain = await tasker.post(`/tasks/${bystander}/run-nmap`, scan(['11.0.0.0/30', 'www.test']));
  const sent = await eventually('it is sent', async () => {
    const { body } = await tasker.get(plain.body.submission.href);
    return isSent(body.state) && body;
  });
  expect(sent.summary.sent_to_scan).toBe(3);
  expect(await takeTasks(installation.vhost)).toHaveLength(3);
  for (const { status } of await Promise.all(answers)) expect(status).toBe(202);

  const [newest] = await listed(project);
  expect(newest).toMatchObject({ state: 'planning', expires_at: null });
  expect((await remove(newest.href)).status).toBe(200);
  expect((await tasker.get(newest.href)).status).toBe(404);
  expect((await remove(newest.href)).status).toBe(404);
  expect(await listed(project)).toHaveLength(4);

  const stopped = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect(stopped).toMatchObject({ status: 200, body: { status: 'stopped', revoked: 0 } });
  expect(await listed(project)).toEqual([]);
  expect((await tasker.get(`/tasks/${project}/stop-nmap`)).body.status).toBe('no_tasks');
  expect(await installation.redis.keys(`*${newest.id}*`)).toEqual([]);
  expect(await ownerless(installation.redis)).toEqual([]);
  const asked = [...dns.queries.values()].reduce((sum, count) => sum + count, 0);
  await tasker.post(`/tasks/${bystander}/plan`, scan(['www.test']));
  await new Promise((resolve) => setImmediate(resolve));
  const later = [...dns.queries.values()].reduce((sum, count) => sum + count, 0);
  expect(later - asked, 'nothing of it is asked for any more').toBeLessThan(20);
}, 120_000);
