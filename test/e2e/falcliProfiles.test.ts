/** What falcli ships and sends, and what its users mistype: from the request to the task. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { profiles, zone } from '../support/falcliProfiles.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone });
  tasker = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    ALLOWED_HOSTS: '*',
  });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

const codesOf = ({ warnings }: { warnings: { code: string }[] }) => warnings.map(({ code }) => code);

/** The tasks of a scan, once all are sent. */
async function tasksOf(href: string) {
  await eventually('it is sent', async () => isSent((await tasker.get(href)).body.state));
  return (await takeTasks(installation.vhost)).map(({ task }) => task);
}

it.each(profiles)('the profile $name comes to the tasks of the old Tasker', async (profile) => {
  const { body, expect: expected } = profile;
  const project = randomUUID();
  const answer = await tasker.post(`/tasks/${project}/run-nmap`, body);
  expect(answer.status).toBe(200);
  expect(codesOf(answer.body)).toEqual(expected.warnings);
  expect(answer.body.summary.sent_to_scan).toBe(expected.scanned.length);
  const tasks = await tasksOf(answer.body.submission.href);
  expect(tasks.map(({ ip }) => ip).sort()).toEqual(expected.scanned);
  for (const task of tasks)
    expect(task).toMatchObject({
      open_ports_opts: expected.open_ports_opts,
      service_opts: expected.service_opts,
      open_ports_str: expected.open_ports_str,
      timeout: body.timeout,
      mode: body.mode,
      include_services: body.include_services,
    });
  await tasker.get(`/tasks/${project}/stop-nmap`);
});

it('a mistyped exclusion or protocol sends nothing', async () => {
  const project = randomUUID();
  const typos = [
    scan(['8.8.8.0/28'], { excludes: ['8.8.8.8'] }),
    scan(['8.8.8.8'], {
      open_ports_opts: { ports: ['1-10000'], exclude_ports: ['9100'], protocol: 'udp' },
    }),
  ];
  for (const route of ['run-nmap', 'plan'])
    for (const body of typos)
      expect((await tasker.post(`/tasks/${project}/${route}`, body)).status).toBe(422);
  for (const route of ['run-nmap', 'plan']) {
    const stray = await tasker.post(
      `/tasks/${project}/${route}?exclude=8.8.8.8&page=1`,
      scan(['8.8.8.0/28']),
    );
    expect(stray.status).toBe(422);
    expect(stray.body.detail).toMatchObject([{ loc: ['query', 'exclude'] }]);
  }
  expect(await takeTasks(installation.vhost)).toEqual([]);
  expect((await tasker.get(`/tasks/${project}/submissions`)).body.submissions).toEqual([]);
});

it('a scan and the run of a plan tell the same warnings as the plan', async () => {
  const project = randomUUID();
  const odd = scan(['9.9.9.9'], { colour: 'red' }, ['80', '80-81']);
  const run = await tasker.post(`/tasks/${project}/run-nmap`, odd);
  expect(codesOf(run.body)).toEqual(['unknown_field', 'overlapping_ports']);
  expect(Object.keys(run.body).slice(0, 3)).toEqual(['summary', 'prepared_targets', 'input_to_scan']);
  const planned = await tasker.post(`/tasks/${project}/plan`, odd);
  expect(planned.body.warnings).toEqual(run.body.warnings);
  const ran = await tasker.post(`/tasks/${project}/run-nmap`, { plan: planned.body.plan.id });
  expect([ran.status, ran.body.warnings]).toEqual([200, run.body.warnings]);
  const clean = await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9']));
  expect(clean.body.warnings).toEqual([]);
  await tasker.get(`/tasks/${project}/stop-nmap`);
});

it('a request with other unknown fields is another request', async () => {
  const project = randomUUID();
  const path = `/tasks/${project}/run-nmap`;
  const answers = await Promise.all(
    ['red', 'red', undefined].map((colour) => tasker.post(path, scan(['9.9.9.0/24'], { colour }))),
  );
  const [first, second, third] = answers.map(({ body }) => body);
  expect([codesOf(first), codesOf(second)]).toEqual([['unknown_field'], ['unknown_field']]);
  expect(codesOf(third)).toEqual([]);
  expect(third.submission.id).not.toBe(first.submission.id);
  await tasker.get(`/tasks/${project}/stop-nmap`);
});
