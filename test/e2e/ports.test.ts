/** port_shards and top_ports through the whole service. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSent } from '../support/progress.ts';
import { queueDepth, takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker(installation.env);
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

async function done(href: string): Promise<void> {
  await eventually('it is sent', async () => isSent((await tasker.get(href)).body.state));
}

it('a sharded scan sends each address with each part, and a stop counts tasks', async () => {
  const project = randomUUID();
  const { body } = await tasker.post(
    `/tasks/${project}/run-nmap`,
    scan(['11.0.0.0/29'], { port_shards: 3 }, ['1-1000', '500-1200']),
  );
  expect(body.summary.sent_to_scan).toBe(6);
  await done(body.submission.href);
  expect((await tasker.get(body.submission.href)).body).toMatchObject({ total: 18, sent: 18 });
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(18);
  expect(await queueDepth(installation.vhost)).toBe(18);
  expect((await tasker.get(`/tasks/${project}/stop-nmap`)).body).toEqual({ status: 'stopped', revoked: 18 });
  expect(await takeTasks(installation.vhost)).toEqual([]);
});

it('top_ports leaves the choice to nmap, and is another scan than any list', async () => {
  const project = randomUUID();
  const top = { open_ports_opts: { top_ports: 100 } };
  const first = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.0.0.1'], top));
  await done(first.body.submission.href);
  const again = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.0.0.1'], top));
  expect(again.body.summary.refused.already_in_queue).toBe(1);
  const other = await tasker.post(
    `/tasks/${project}/run-nmap`,
    scan(['11.0.0.1'], { open_ports_opts: { top_ports: 50 } }),
  );
  expect(other.body.summary.sent_to_scan).toBe(1);
  await done(other.body.submission.href);
  const tasks = await takeTasks(installation.vhost);
  expect(tasks.map(({ task }) => [task.open_ports_str, task.open_ports_opts])).toEqual([
    ['top-ports:100', '-Pn --top-ports 100'],
    ['top-ports:50', '-Pn --top-ports 50'],
  ]);
});

it('a plan says how many messages a run would send', async () => {
  const { body } = await tasker.post(
    `/tasks/${randomUUID()}/plan`,
    scan(['11.0.0.0/29'], { port_shards: 3 }, ['1-1000']),
  );
  expect(body).toMatchObject({ summary: { sent_to_scan: 6 }, tasks: 18 });
});
