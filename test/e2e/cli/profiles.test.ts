/** Profiles as falcli ships them go through the command line to the workers' tasks unchanged. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Home, ownHome } from '../../support/cli.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { profiles, zone } from '../../support/falcliProfiles.ts';
import { isSent } from '../../support/progress.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;
let home: Home;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone });
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: `${dns.address}:${dns.port}` });
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN });
});

afterAll(async () => {
  home?.drop();
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it.each(profiles)('$name', async ({ name, body, expect: expected }) => {
  const project = randomUUID();
  const file = join(home.directory, `${name}.yaml`);
  writeFileSync(file, stringify(body));
  const { code, stdout } = await home.run(['run', '--profile', file, '--project', project, '--json']);
  expect(code).toBe(0);
  const { submission, warnings } = JSON.parse(stdout);
  expect(warnings.map((one: { code: string }) => one.code)).toEqual(expected.warnings);
  await eventually('it is sent', async () => isSent((await tasker.get(submission.href)).body.state));
  const tasks = (await takeTasks(installation.vhost)).map(({ task }) => task);
  expect(tasks.map(({ ip }) => ip).sort()).toEqual(expected.scanned);
  for (const task of tasks)
    expect(task).toMatchObject({
      project,
      open_ports_opts: expected.open_ports_opts,
      service_opts: expected.service_opts,
      open_ports_str: expected.open_ports_str,
      timeout: body.timeout,
      mode: body.mode,
      include_services: body.include_services,
    });
  await tasker.get(`/tasks/${project}/stop-nmap`);
});
