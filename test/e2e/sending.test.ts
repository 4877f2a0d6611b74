/** What changes between acceptance and sending: names that lead elsewhere, exclusions that came later. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submissionKeys } from '../../src/adapters/redis/keys.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { queueDepth, takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['11.0.0.1 moves.test', '11.0.0.2 stays.test', '11.0.0.3 joins.test'] });
  const servers = `${dns.address}:${dns.port}`;
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: servers, DISPATCH_WINDOW: '30' });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it('what is excluded after planning is seen when a task is sent, and told of each address', async () => {
  const full = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['11.200.0.0/27']));
  expect(full.status).toBe(200);
  await eventually('the window is full', async () => (await queueDepth(installation.vhost)) === 30);

  const project = randomUUID();
  const hosts = ['moves.test', 'stays.test', 'joins.test', '11.7.0.0/29'];
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts));
  expect(body.summary.sent_to_scan).toBe(9);
  const { href } = body.submission;

  // Rebinding: one name leads inside now, another one also to what the project has excluded meanwhile.
  const port = dns.port;
  await dns.stop();
  const zone = ['10.0.0.1 moves.test', '11.0.0.2 stays.test', '11.0.0.3 joins.test', '11.9.0.1 joins.test'];
  dns = await startDnsServer({ zone, port });
  const lookups = submissionKeys(body.submission.id).lookups;
  for (const name of await installation.redis.hkeys(lookups)) {
    await installation.redis.hset(lookups, name, '{"until":1}'); // as if it had waited for hours
  }
  const later = { hosts: ['11.7.0.3', '11.9.0.0/24'], why: 'the client called' };
  expect((await tasker.post(`/tasks/${project}/exclusions`, later)).status).toBe(200);

  expect(await takeTasks(installation.vhost)).toHaveLength(30);
  await eventually('it is sent', async () => isSent((await tasker.get(href)).body.state));
  const sent = await takeTasks(installation.vhost);
  expect(sent.map(({ task }) => task.ip).sort()).toEqual([
    ...['11.0.0.2', '11.7.0.1', '11.7.0.2', '11.7.0.4', '11.7.0.5', '11.7.0.6'],
  ]);

  expect((await tasker.get(href)).body.progress).toMatchObject({ total: 9, sent: 9, dropped: 3 });
  const { body: list } = await tasker.get(`${href}/targets?state=dropped`);
  expect(list.targets.map(({ target, reason }: Record<string, string>) => `${target} ${reason}`)).toEqual([
    ...['11.0.0.1 unresolvable', '11.0.0.3 forbidden', '11.7.0.3 forbidden'],
  ]);
  const why = async (target: string) => {
    const { body: explained } = await tasker.get(`/tasks/${project}/explain?target=${target}`);
    const [address] = explained.submissions[0].addresses;
    return { state: address.state, ...address.refusal.detail };
  };
  const excluded = (entry: string) => ({ state: 'dropped', rule: 'exclusion', source: 'project', entry });
  expect(await why('11.0.0.1')).toEqual({
    ...{ state: 'dropped', rule: 'dns', source: 'moves.test', entry: 'no longer resolves to it' },
  });
  expect(await why('11.0.0.3')).toEqual(excluded('11.9.0.0/24'));
  expect(await why('11.7.0.3')).toEqual(excluded('11.7.0.3'));
});
