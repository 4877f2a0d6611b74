/** What a person does with scans in a shell, from the plan to the end, with a real Tasker and a simulated worker. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CLI, type Home, ownHome, speaking } from '../../support/cli.ts';
import { startDnsServer } from '../../support/dnsServer.ts';
import { profiles } from '../../support/falcliProfiles.ts';
import { eventually } from '../../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let installation: Installation;
let tasker: Tasker;
let worker: ReturnType<typeof spawn>;
let home: Home;
let project: string;

beforeAll(async () => {
  installation = await ownInstallation();
  worker = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: { ...process.env, ...installation.env, WORKER_HOSTNAME: 'worker-1', SCAN_MS: '20' },
    cwd: ROOT,
    stdio: 'ignore',
  });
  tasker = await startTasker(installation.env);
});

beforeEach(() => {
  project = randomUUID();
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: project });
  return home.drop;
});

afterAll(async () => {
  worker?.kill();
  await tasker?.stop();
  await installation?.drop();
});

const { said, json } = speaking(() => home);

/** A scan of a pool of addresses that stays where it is. */
async function pausedScan(hosts: string): Promise<string> {
  await said('pause --whole-project');
  const [{ submission }] = await json(`run ${hosts} -p 80`);
  return submission.id;
}

it('a list is planned, the plan is run, and the scan is watched to its end', async () => {
  writeFileSync(join(home.directory, 'targets.txt'), '8.8.8.0/29 # office\n10.0.0.5, 8.8.8.2\n');
  const plan = await said('plan targets.txt 1.1.1.1 -p 80,443 -x 8.8.8.4/31');
  expect(plan).toMatch(/^plan \S+: 5 tasks for 5 addresses\n/);
  expect(plan).toContain('refused 2  forbidden: exclusion 8.8.8.4/31 (request)');
  expect(plan).toMatch(/8\.8\.8\.0\/29 +6 +4 +2 forbidden/);
  expect(plan).toMatch(/8\.8\.8\.2 +1 +1 +in 8\.8\.8\.0\/29/);
  const [, id = ''] = /tasker run --plan (\S+)/.exec(plan) ?? [];
  const run = await said(`run --plan ${id} --watch`);
  expect(run).toMatch(/^scan \S+ .* 5 addresses\n/);
  expect(run).toMatch(/finished +5 of 5 done, 0 failed\n$/);
  const [scan] = await json('list');
  expect(scan).toMatchObject({ state: 'finished', total: 5 });
  const targets = await said(`targets ${scan.id}`);
  expect(targets).toMatch(/^10\.0\.0\.5 +refused +private_ip$/m);
  expect(targets).toMatch(/^1\.1\.1\.1 +done$/m);
});

it('targets come from stdin, and each answer is JSON, a value a line', async () => {
  const list = Array.from({ length: 2_000 }, (_, index) => `9.${index >> 8}.${index & 255}.1`).join('\n');
  const [answer] = await json('run - -p 80 --exclude 9.0.3.0-9.9.9.9', list);
  expect(answer.summary).toMatchObject({ provided: 2_000, sent_to_scan: 3 });
  const { id } = answer.submission;
  const rows = await json(`targets ${id}`);
  expect(new Set(rows.map(({ target }) => target)).size).toBe(2_000);
  const states = (await json(`watch ${id}`)).map(({ state }) => state);
  expect(states.at(-1)).toBe('finished');
  expect((await json('show'))[0]).toMatchObject({ id, progress: { total: 3, done: 3 } });
  const csv = await said(`targets ${id} --csv --state done`);
  const head = await promisify(execFile)(
    'bash',
    ['-c', `"$0" "$1" targets | head -1; exit $PIPESTATUS`, process.execPath, CLI],
    { env: home.env },
  );
  expect(head.stdout.split('\n')).toHaveLength(2);
  const [columns, ...lines] = csv.trimEnd().split('\r\n');
  expect(columns).toBe('target,hostnames,state,reason,task_id,moved_from,starts');
  expect(lines.map((line) => line.split(',').slice(0, 3).join()).sort()).toEqual([
    '9.0.0.1,,done',
    '9.0.1.1,,done',
    '9.0.2.1,,done',
  ]);
});

it('a list of scans goes on over its pages, up to the limit', async () => {
  await said('pause --whole-project');
  const ids: string[] = [];
  for (let index = 0; index < 4; index += 1)
    ids.unshift((await json(`run 8.8.${index}.1 -p 80`))[0].submission.id);
  expect((await json('list --all')).map(({ id }) => id)).toEqual(ids);
  expect((await json('list -n 2')).map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(await json('list --state paused -n 1')).toMatchObject([{ id: ids[0] }]);
  expect(await said('list --state finished')).toBe('no scans\n');
});

it('a scan is paused, goes on, gets another priority, loses a network, and is cancelled', async () => {
  const id = await pausedScan('8.8.8.0/28');
  expect(await said(`priority ${id} 2`)).toBe('priority 2\n');
  expect(await said('cancel-targets 8.8.8.8/29 9.9.9.9')).toMatch(
    /^cancelled in 1 scan: 7 waited, 0 were ready, 0 ran\nno target belongs to 9\.9\.9\.9\n/,
  );
  expect(await said(`pause ${id} --why lunch`)).toBe('paused: 0 came back, 0 run to their end\n');
  expect(await said(`show ${id}`)).toMatch(
    /paused +priority 2[\s\S]*lunch[\s\S]*cancelled by admin.*8\.8\.8\.8\/29/,
  );
  expect(await said(`resume ${id}`)).toBe('it goes on\n');
  expect(await said(`cancel ${id}`)).toBe('cancelled: 14 waited, 0 were ready, 0 ran\n');
  const watched = await home.run(['watch', id]);
  expect(watched).toMatchObject({ code: 8, stderr: 'tasker: the scan was stopped\n' });
});

it('exclusions are added with a receipt, listed, explained and ended', async () => {
  const id = await pausedScan('8.8.4.0/29');
  const added = await said('exclude add 8.8.4.2 *.example.com --why annex');
  const [, receipt = ''] = /tasker receipt (\S+)/.exec(added) ?? [];
  expect(added).toContain('the project has 2 exclusions now\n1 waited, 0 were ready, 0 ran\n');
  await eventually('nothing touches it', async () =>
    (await said(`receipt ${receipt}`)).includes('nothing touches them since'),
  );
  const [later] = await json('run 8.8.4.0/28 -p 80 --mode append');
  const explained = await said('explain 8.8.4.2');
  expect(explained).toContain(`${id}  paused`);
  expect(explained).toContain(`${later.submission.id}  paused`);
  expect(explained).toMatch(
    /entry 8\.8\.4\.0\/28[\s\S]*→ 8\.8\.4\.2 refused: forbidden: exclusion 8\.8\.4\.2 \(project\)/,
  );
  expect(await said('exclude list')).toMatch(/^8\.8\.4\.2 +admin .* annex +\S+$/m);
  expect(await said('exclude end 8.8.4.2')).toBe('ended 8.8.4.2\n');
  const again = await home.run(['exclude', 'end', '8.8.4.2']);
  expect(again).toMatchObject({ code: 6, stderr: expect.stringContaining('not excluded: 8.8.4.2') });
});

it('a stop of the project asks nobody where nobody is, and needs --yes', async () => {
  await pausedScan('8.8.8.0/28');
  const { code, stderr } = await home.run(['stop']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('this stops 1 scan of project'),
  });
  expect(stderr).toContain('14 targets are taken back, 0 of them run now');
  expect(await said('stop --yes')).toBe('stopped: 14 tasks taken back\n');
  expect(await said('stop --yes')).toBe('there was nothing to stop\n');
});

it('the workers are listed, with what they have done', async () => {
  const worker = async () =>
    (await json('workers'))[0].workers.find((one: { host: string }) => one.host === 'worker-1');
  await eventually('the worker answers', async () => (await worker())?.last_seen);
  expect(await said('workers')).toMatch(/^worker-1 +203\.0\.113\.\d+ +\d+ s ago +\d+$/m);
});

it('what was begun and never ended, and stages that gave up, are tried again when somebody says so', async () => {
  const id = await pausedScan('8.8.8.8');
  expect(await said(`retry-failed ${id}`)).toBe('0 tasks will be sent again\n');
  expect(await said(`retry-stages ${id}`)).toBe('no stage had given up\n');
});

it('profiles of falcli scan what they say, with the options that they say', async () => {
  await said('pause --whole-project');
  const withoutNames = profiles.filter(({ body }) => body.hosts.every((host) => /^[\d./]+$/.test(host)));
  expect(withoutNames.length).toBeGreaterThan(7);
  for (const { name, body, expect: expected } of withoutNames) {
    writeFileSync(join(home.directory, `${name}.yaml`), stringify(body));
    const [answer] = await json(`run --profile ${name}.yaml --mode append`);
    const targets: [string, { valid: boolean }][] = Object.entries(answer.prepared_targets);
    const scanned = targets.flatMap(([ip, { valid }]) => (valid ? ip : []));
    expect({ name, scanned: scanned.sort() }).toEqual({ name, scanned: expected.scanned });
    const { hosts: _, ...options } = body;
    const { options: kept } = (await tasker.get(answer.submission.href)).body;
    expect(kept).toMatchObject({ ...options, mode: 'append' });
  }
});

it('the doctor looks at the servers of the service, and its exit code tells that there is something to change', async () => {
  const dns = await startDnsServer({ zone: [] });
  try {
    const env = { ...installation.env, DNS_SERVERS: `127.0.0.1:${dns.port}` };
    const { code, stdout, stderr } = await home.run(['doctor'], { env });
    expect(stdout).toMatch(/^ok +RabbitMQ +answers and lets us in$/m);
    expect(stdout).toMatch(/^warning +Redis persistence/m);
    expect({ code, stderr }).toEqual({ code: 9, stderr: '' });
    const { findings } = JSON.parse((await home.run(['doctor', '--json'], { env })).stdout);
    expect(findings).toContainEqual(expect.objectContaining({ what: 'settings', state: 'ok' }));
  } finally {
    await dns.stop();
  }
});
