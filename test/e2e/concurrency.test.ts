import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let api: Tasker;
const jobs: Tasker[] = [];

beforeAll(async () => {
  installation = await ownInstallation();
  const env = { ...installation.env, DISPATCH_WINDOW: '0' };
  api = await startTasker({ ...env, ROLE: 'api' });
  jobs.push(await startTasker({ ...env, ROLE: 'jobs' }), await startTasker({ ...env, ROLE: 'jobs' }));
});

afterAll(async () => {
  await Promise.all([api, ...jobs].map((tasker) => tasker?.stop()));
  await installation?.drop();
});

async function untilDone(hrefs: readonly string[]): Promise<void> {
  for (const href of hrefs) {
    await eventually(`${href} is done`, async () => isSent((await api.get(href)).body.state));
  }
}

describe('20 overlapping submissions at once', () => {
  it.each(['append', 'insert'])('queue every address exactly once (%s)', async (mode) => {
    const project = randomUUID();
    const requests = Array.from({ length: 20 }, (_, index) => {
      const hosts = [`11.3.${index}.0/24`, `11.3.${index + 1}.0/24`, `11.3.0.0/22`];
      return api.post(`/tasks/${project}/run-nmap`, scan(hosts, { mode }));
    });
    const answers = await Promise.all(requests);
    for (const { status } of answers) expect(status).toBe(200);
    await untilDone(answers.map(({ body }) => body.submission.href));

    const tasks = await takeTasks(installation.vhost);
    const ips = tasks.map(({ task }) => task.ip);
    expect(new Set(ips).size).toBe(ips.length);
    // Networks 11.3.0.0/24 to 11.3.20.0/24 with 254 hosts each; inside the /22 also the addresses between them.
    const between = ['11.3.0.255', '11.3.1.0', '11.3.1.255', '11.3.2.0', '11.3.2.255', '11.3.3.0'];
    expect(ips.length).toBe(21 * 254 + between.length);
    const accepted = answers.reduce((sum, { body }) => sum + body.summary.sent_to_scan, 0);
    expect(accepted).toBe(ips.length);
    expect((await api.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(ips.length);
    await api.get(`/tasks/${project}/stop-nmap`);
  });

  it('count other ports as another scan, in every spelling of the ports', async () => {
    const project = randomUUID();
    const post = (ports: string[]) =>
      api.post(`/tasks/${project}/run-nmap`, scan(['11.4.0.0/24'], {}, ports));
    const answers = await Promise.all([
      post(['22', '80']),
      post(['80', '22']),
      post(['22', '80-80']),
      post(['443']),
    ]);
    await untilDone(answers.map(({ body }) => body.submission.href));
    const tasks = await takeTasks(installation.vhost);
    expect(tasks.length).toBe(2 * 254);
    const refused = answers.reduce((sum, { body }) => sum + body.summary.refused.already_in_queue, 0);
    expect(refused).toBe(2 * 254);
    await api.get(`/tasks/${project}/stop-nmap`);
  });

  it('join when they are the same request by the same user', async () => {
    const project = randomUUID();
    const same = scan(['11.5.0.0/24']);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => api.post(`/tasks/${project}/run-nmap`, same)),
    );
    const sent = new Map(answers.map(({ body }) => [body.submission.id, body.summary.sent_to_scan]));
    // However many of them met while the first was planning: together they accepted each address once.
    expect([...sent.values()].reduce((sum, count) => sum + count, 0)).toBe(254);
    await untilDone(answers.map(({ body }) => body.submission.href));
    expect((await takeTasks(installation.vhost)).length).toBe(254);
    await api.get(`/tasks/${project}/stop-nmap`);
  });
});
