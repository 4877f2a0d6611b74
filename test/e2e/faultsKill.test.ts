/** Jobs processes that are killed in the middle of a flow and started again. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OPEN_KEY, submissionKeys } from '../../src/adapters/redis/keys.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import {
  drain,
  drainUntilDone,
  expectNothingLost,
  sharedBroker,
  submitNetwork,
  untilUnderWay,
} from '../support/flowChecks.ts';
import { isSent } from '../support/progress.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let running: Tasker[] = [];

beforeAll(async () => {
  installation = await ownInstallation();
  const zone = Array.from({ length: 20 }, (_, index) => `11.9.0.${index} host-${index}.test`);
  dns = await startDnsServer({ zone, behaviours: { '*': { latencyMs: 1_500 } } });
});

afterEach(async () => {
  await Promise.all(running.map((tasker) => tasker.stop()));
  running = [];
  // What a test took never ends: it would be sent again as lost, and fill the window of the next one.
  await installation.redis.flushdb();
  await drain(sharedBroker(installation.vhost));
});

afterAll(async () => {
  await dns?.stop();
  await installation?.drop();
});

async function start(role: 'api' | 'jobs', more: Record<string, string>): Promise<Tasker> {
  const tasker = await startTasker({ ...installation.env, ...more, ROLE: role });
  running.push(tasker);
  return tasker;
}

describe('killed jobs processes', () => {
  it.each([
    { octet: 1, prefix: 18, window: 0 },
    { octet: 2, prefix: 20, window: 600 },
  ])(
    'lose no address of a /$prefix with window $window',
    async ({ octet, prefix, window }) => {
      const env = { DISPATCH_WINDOW: String(window) };
      const broker = sharedBroker(installation.vhost);
      const startJobs = () => start('jobs', env);
      const [api, ...jobs] = await Promise.all([start('api', env), startJobs(), startJobs()]);
      const flow = await submitNetwork(api, octet, prefix);

      await untilUnderWay(api, flow);
      await Promise.all(jobs.map((one) => one.kill()));
      const sent = await untilUnderWay(api, flow);
      const [next] = await Promise.all([startJobs(), startJobs()]);
      const tasks = await drain(broker);
      await untilUnderWay(api, flow, sent);
      await next.kill();
      await startJobs();

      tasks.push(...(await drainUntilDone(api, flow, broker)));
      // At most one batch was under way in each of the three processes that were killed.
      await expectNothingLost({ tasker: api, redis: installation.redis }, flow, tasks, 3);
    },
    180_000,
  );

  it('lose no name while names are being resolved, and the caller gets the answer', async () => {
    const project = randomUUID();
    const env = { DNS_SERVERS: `${dns.address}:${dns.port}` };
    const [api, jobs] = await Promise.all([start('api', env), start('jobs', env)]);
    const hosts = Array.from({ length: 20 }, (_, index) => `host-${index}.test`);
    const answer = api.post(`/tasks/${project}/run-nmap`, scan(hosts));
    await eventually('names are being asked for', () => dns.queries.size > 0);
    await jobs.kill();
    await start('jobs', env);

    const { status, body } = await answer;
    expect(status).toBe(200);
    expect(body.summary).toMatchObject({ resolved_ips: 20, sent_to_scan: 20 });
    const state = async () => (await api.get(body.submission.href)).body.state;
    await eventually('the submission is done', async () => isSent(await state()));
    const tasks = await drain(sharedBroker(installation.vhost));
    expect(tasks.flatMap(({ task }) => task.hostnames).sort()).toEqual([...hosts].sort());
  }, 120_000);
});

it('an API that is killed while it takes requests in leaves none of them without jobs', async () => {
  const { redis } = installation;
  const [api] = await Promise.all([start('api', {}), start('jobs', { DISPATCH_WINDOW: '0' })]);
  const requests = Array.from({ length: 60 }, (_, index) =>
    api.post(`/tasks/${randomUUID()}/run-nmap`, scan([`11.10.0.${index}`])).catch(() => 'broken off'),
  );
  await eventually('some are stored', async () => (await redis.hlen(OPEN_KEY)) > 0);
  const ids = new Set(await redis.hkeys(OPEN_KEY));
  await api.kill();
  expect(await Promise.all(requests)).toContain('broken off');
  for (const id of await redis.hkeys(OPEN_KEY)) ids.add(id);
  await eventually('all have ended', async () => (await redis.hlen(OPEN_KEY)) === 0, 60_000);
  for (const id of ids) expect(await redis.hget(submissionKeys(id).facts, 'state')).toBe('done');
}, 120_000);
