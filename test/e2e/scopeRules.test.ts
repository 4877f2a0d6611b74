/** Scope rules from end to end: exclusions of every level, names among them, plans, and the look before sending. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectKeys } from '../../src/adapters/redis/keys.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
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

const ZONE = [
  '11.0.0.7 excluded.test',
  '11.0.0.8 excluded.test',
  '11.0.0.7 other.test',
  '11.0.0.9 other.test',
  '11.1.0.1 a.secret.test',
  '11.1.0.2 public.test',
];
let directory: string;
let file: string;
let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-rules-'));
  file = join(directory, 'excluded.txt');
  writeFileSync(file, '\ufeff# never\r\n11.9.0.0/28 # lab\r\n');
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ZONE });
  tasker = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    EXCLUDED_HOSTS: '11.8.0.1,*.secret.test',
    EXCLUDED_HOSTS_FILE: file,
  });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is checked by the expectations
  return { status: response.status, body: (await response.json()) as any };
}

const run = (project: string, hosts: string[], more: object = {}) =>
  tasker.post(`/tasks/${project}/run-nmap`, scan(hosts, { ...more }));

/** The addresses that went out for a project, once the submission is through. */
async function sent(href: string): Promise<string[]> {
  await eventually('it is sent', async () => isSent((await tasker.get(href)).body.state));
  return (await takeTasks(installation.vhost)).map(({ task }) => task.ip).sort();
}

describe('exclusions', () => {
  it('of every level hold, whatever the order, and each refusal names its rule', async () => {
    const project = randomUUID();
    const added = await call('POST', `/tasks/${project}/exclusions`, {
      hosts: ['excluded.test, 11.0.0.64/26'],
      why: 'annex B',
    });
    expect(added.body.exclusions.map(({ entry }: { entry: string }) => entry)).toEqual([
      '11.0.0.64/26',
      'excluded.test',
    ]);
    const { body } = await run(
      project,
      ['11.0.0.0/24', 'other.test', '11.8.0.0/30', 'a.secret.test', '11.1.0.0/30', '11.9.0.0/27'],
      { exclude: ['11.0.0.200-255'] },
    );
    expect(body.summary.refused.forbidden).toBe(2 + 64 + 55 + 1 + 1 + 15);
    const rows = body.refused_detail.map((row: { detail: object; count: number }) => [row.detail, row.count]);
    const exclusion = (source: string, entry: string) => ({ rule: 'exclusion', source, entry });
    expect(rows).toEqual(
      expect.arrayContaining([
        [exclusion('project', '11.0.0.64/26'), 64],
        [exclusion('request', '11.0.0.200-255'), 55],
        [exclusion('installation', '11.9.0.0/28'), 15],
        [exclusion('project', 'excluded.test'), 2],
        [exclusion('installation', '11.8.0.1'), 1],
        [exclusion('installation', '*.secret.test'), 1],
      ]),
    );
    const ips = await sent(body.submission.href);
    expect(ips).toHaveLength(body.summary.sent_to_scan);
    for (const never of [
      '11.0.0.7',
      '11.0.0.8',
      '11.0.0.64',
      '11.0.0.254',
      '11.8.0.1',
      '11.1.0.1',
      '11.9.0.3',
    ])
      expect(ips).not.toContain(never);
    for (const always of ['11.0.0.9', '11.0.0.63', '11.0.0.128', '11.1.0.2', '11.8.0.2', '11.9.0.16'])
      expect(ips).toContain(always);
    await tasker.get(`/tasks/${project}/stop-nmap`);
  });

  it('by a name that does not resolve refuse the submission, unless that is allowed', async () => {
    const project = randomUUID();
    const exclude = ['gone.test', '11.0.0.1'];
    const refused = await run(project, ['11.0.0.0/30'], { exclude });
    expect(refused.status).toBe(422);
    expect(refused.body.detail[0].msg).toMatch(/gone\.test \(nxdomain\)/);
    expect(await takeTasks(installation.vhost)).toEqual([]);
    const allowed = await run(project, ['11.0.0.0/30'], { exclude, allow_unresolved_exclusions: true });
    expect(allowed.status).toBe(200);
    expect(await sent(allowed.body.submission.href)).toEqual(['11.0.0.2']);
  });

  it('are kept with who, when, why and until, replaced and removed', async () => {
    const path = `/tasks/${randomUUID()}/exclusions`;
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await call('PUT', path, {
      hosts: [{ entry: '11.0.0.1', why: 'printer', until }, 'B.test.'],
      why: 'contract',
    });
    expect(body).toMatchObject({
      exclusions: [
        { entry: '11.0.0.1', by: { username: 'admin' }, why: 'printer', until },
        { entry: 'B.test.', why: 'contract', until: null },
      ],
      installation: ['11.8.0.1', '*.secret.test', '11.9.0.0/28'],
      version: 1,
    });
    expect((await call('DELETE', path, { hosts: ['b.test', '11.0.0.2'] })).body).toEqual({
      removed: ['b.test'],
      not_found: ['11.0.0.2'],
    });
    expect((await call('GET', path)).body.exclusions).toHaveLength(1);
    expect((await call('PUT', path, { hosts: [], why: 'over' })).body.exclusions).toEqual([]);
    const bad = await call('POST', path, {
      hosts: ['10.1', 'c.test'],
      why: 'x',
      until: '2020-01-01T00:00:00Z',
    });
    expect(bad.status).toBe(422);
    expect(bad.body.detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
      ['body', 'hosts', 0, 'until'],
      ['body', 'hosts', 0],
      ['body', 'hosts', 1, 'until'],
    ]);
    expect((await call('POST', path, { hosts: ['c.test'] })).status).toBe(422);
    expect((await call('DELETE', path, {})).status).toBe(422);
  });

  it('that could be read in two ways are refused, whatever brings them, and one that is kept already can be removed', async () => {
    const project = randomUUID();
    const path = `/tasks/${project}/exclusions`;
    for (const [typed, meant] of [
      ['11.0.0.0 255.255.255.248', '11.0.0.0/255.255.255.248'],
      ['11.0.0.10 to 11.0.0.20', '11.0.0.10-11.0.0.20'],
      ['11.0.0.10 - 11.0.0.20', '11.0.0.10-11.0.0.20'],
      ['11.0.0.0/29,-11.0.0.3', '0-11.0.0.3 (octets)'],
      ['please do not scan these', 'blank'],
      ['printer', 'without a domain'],
    ] as const)
      for (const answer of [
        await call('POST', path, { hosts: [typed], why: 'x' }),
        await call('PUT', path, { hosts: [typed], why: 'x' }),
        await run(project, ['11.0.0.0/29'], { exclude: [typed], allow_unresolved_exclusions: true }),
        await call('POST', `/tasks/${project}/plan`, scan(['11.0.0.0/29'], { exclude: [typed] })),
      ]) {
        expect(answer.status).toBe(422);
        expect(answer.body.detail[0].msg).toContain(meant);
      }
    for (const hosts of [['11.0.0.0/29,-11.0.0.3'], ['11.0.0.1 - 11.0.0.6'], ['11.0.0.0 255.255.255.248']])
      expect((await run(project, hosts)).status).toBe(422);
    expect((await tasker.get(`/tasks/${project}/explain?target=-11.0.0.3`)).status).toBe(422);

    // As an earlier version kept them: they hold, and nobody has to edit Redis to be rid of them.
    const kept = { by: { id: 'u', username: 'u' }, at: new Date().toISOString(), why: 'x', until: null };
    const exclusions = projectKeys(project).exclusions;
    await installation.redis.hset(exclusions, {
      printer: JSON.stringify({ ...kept, entry: 'printer' }),
      '11.0.0.0-3': JSON.stringify({ ...kept, entry: '11.0.0.-3' }),
    });
    const failing = await run(project, ['11.0.0.0/29']);
    expect(failing.body.detail[0].msg).toMatch(/printer/);
    const removed = await call('DELETE', path, { hosts: ['printer'] });
    expect(removed.body).toEqual({ removed: ['printer'], not_found: [] });
    const holds = await eventually('the rules are read again', async () => {
      const answer = await run(project, ['11.0.0.0/29']);
      return answer.status === 200 && answer;
    });
    expect(holds.body.summary.refused.forbidden).toBe(3);
    expect((await call('DELETE', path, { hosts: ['11.0.0.-3'] })).body.removed).toEqual(['11.0.0.-3']);
    await tasker.get(`/tasks/${project}/stop-nmap`);
    await takeTasks(installation.vhost);
  });

  it('out of the file: read again when it changes, and nothing is scanned while it is broken', async () => {
    const project = randomUUID();
    writeFileSync(file, '11.9.0.0/28\n11.9.0.300\n');
    const broken = await eventually('it is noticed', async () => {
      const answer = await run(project, ['11.9.0.20']);
      if (answer.status === 200) await takeTasks(installation.vhost);
      return answer.status === 503 && answer;
    });
    expect(broken.body.detail).toMatch(/EXCLUDED_HOSTS_FILE .*line 2: "11\.9\.0\.300"/);
    expect((await tasker.get('/ready')).status).toBe(503);
    writeFileSync(file, '');
    await eventually('an empty one is no better', async () => {
      const answer = await run(project, ['11.9.0.20']);
      return answer.status === 503 && /no exclusions/.test(answer.body.detail);
    });
    writeFileSync(file, '11.9.0.0/28\n11.9.0.32/28\n');
    await eventually('it is read again', async () => (await tasker.get('/ready')).status === 200);
    await tasker.get(`/tasks/${project}/stop-nmap`);
    const fixed = await eventually('the jobs know too', async () => {
      const answer = await run(project, ['11.9.0.33']);
      return answer.status === 200 && answer;
    });
    expect(fixed.body.summary.refused.forbidden).toBe(1);
  });
});

describe('a plan', () => {
  it('says what a run would do, holds nothing, and is run exactly and once', async () => {
    const project = randomUUID();
    const hosts = ['# scope\n11.2.0.0/29, 11.2.0.3\npublic.test', '11.2.0.0/29', '10.0.0.1', 'nowhere.test'];
    hosts.push('10.1');
    const asked = scan(hosts, { exclude: ['11.2.0.5'], on_invalid: 'skip' });
    const planned = await call('POST', `/tasks/${project}/plan`, asked);
    expect(planned.status).toBe(200);
    expect(planned.body).toMatchObject({
      plan: { state: 'done' },
      summary: { provided: 7, duplicates_removed: 1, sent_to_scan: 6, refused: { other: 1 } },
      tasks: 6,
      ranges: ['11.1.0.2', '11.2.0.1-11.2.0.4', '11.2.0.6'],
    });
    expect(planned.body.entries).toMatchObject([
      { entry: '11.2.0.0/29', item: 0, line: 2, column: 1, kind: 'network', addresses: 6, accepted: 5 },
      { entry: '11.2.0.3', line: 2, column: 14, accepted: 1, covered_by: [{ entry: '11.2.0.0/29' }] },
      { entry: 'public.test', line: 3, accepted: 1, name: { addresses: ['11.1.0.2'], chain: [] } },
      { entry: '10.0.0.1', item: 2, refused: [{ reason: 'private_ip', detail: { entry: '10.0.0.0/8' } }] },
      { entry: 'nowhere.test', refused: [{ reason: 'unresolvable', detail: { entry: 'nxdomain' } }] },
    ]);
    expect(planned.body.entries[0].refused).toEqual([
      { reason: 'forbidden', detail: { rule: 'exclusion', source: 'request', entry: '11.2.0.5' }, count: 1 },
    ]);
    expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(0);
    expect(await takeTasks(installation.vhost)).toEqual([]);
    const { id, href } = planned.body.plan;
    expect((await tasker.get(href)).body).toEqual(planned.body);
    expect((await tasker.get(`/tasks/${randomUUID()}/plan/${id}`)).status).toBe(404);
    expect((await tasker.get(`/tasks/${project}/submissions/${id}`)).status).toBe(404);

    const { summary, refused_detail } = planned.body;
    const sums: Record<string, number> = {};
    for (const { reason, count } of refused_detail) sums[reason] = (sums[reason] ?? 0) + count;
    expect({ ...summary.refused, ...sums }).toEqual(summary.refused);
    expect(refused_detail).toContainEqual({
      ...{ reason: 'other', detail: { rule: 'entry', source: 'request', entry: '' }, count: 1 },
    });

    const both = await Promise.all([1, 2].map(() => tasker.post(`/tasks/${project}/run-nmap`, { plan: id })));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(both.map(({ body }) => body.submission.id)).size).toBe(1);
    expect(both[0]?.body.summary).toEqual(planned.body.summary);
    expect(both[0]?.body.refused_detail).toEqual(refused_detail);
    const ips = await sent(both[0]?.body.submission.href);
    expect(ips).toEqual(['11.1.0.2', '11.2.0.1', '11.2.0.2', '11.2.0.3', '11.2.0.4', '11.2.0.6']);
    const again = await tasker.post(`/tasks/${project}/run-nmap`, { plan: id });
    expect(again.body.submission).toMatchObject({ id: both[0]?.body.submission.id, state: 'done' });
    expect(await takeTasks(installation.vhost)).toEqual([]);
    await tasker.get(`/tasks/${project}/stop-nmap`);
  });

  it('is refused when the rules have changed since, and two are compared', async () => {
    const project = randomUUID();
    const first = await call('POST', `/tasks/${project}/plan`, scan(['11.3.0.0/28']));
    await call('POST', `/tasks/${project}/exclusions`, { hosts: ['11.3.0.8/30'], why: 'mail' });
    const refused = await tasker.post(`/tasks/${project}/run-nmap`, { plan: first.body.plan.id });
    expect(refused).toMatchObject({ status: 422, body: { code: 'scope_changed' } });
    expect(refused.body.detail[0].msg).toMatch(
      /changed since .*exclusions \(project\): added 11\.3\.0\.8\/30/,
    );
    const second = await call('POST', `/tasks/${project}/plan`, scan(['11.3.0.0/27']));
    const diff = await tasker.get(`${first.body.plan.href}/diff/${second.body.plan.id}`);
    expect(diff.body).toEqual({
      added: { addresses: 16, ranges: ['11.3.0.15-11.3.0.30'] },
      removed: { addresses: 4, ranges: ['11.3.0.8/30'] },
      truncated: false,
    });
    const alone = await tasker.post(`/tasks/${project}/run-nmap`, { plan: first.body.plan.id, hosts: [] });
    expect(alone.status).toBe(422);
  });
});
