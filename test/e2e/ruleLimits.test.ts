/** Rules that stand for too many ranges are refused when they are stored and asked for; what is stored already harms nobody. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectKeys } from '../../src/adapters/redis/keys.ts';
import { isSent } from '../support/progress.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

const MEMORY = 300 * 2 ** 20;
/** Several projects that use all that they may. */
const MEMORY_AT_THE_LIMIT = 450 * 2 ** 20;
let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env });
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

const patterns = (count: number, last = 1) =>
  Array.from({ length: count }, (_, index) => `*.*.${index + 1}.${last}`);

async function call(method: string, path: string, body: unknown) {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is checked by the expectations
  return { status: response.status, body: (await response.json()) as any };
}

const exclude = (method: string, project: string, hosts: string[]) =>
  call(method, `/tasks/${project}/exclusions`, { hosts, why: 'annex B' });
const tooMany = { status: 422, body: { detail: [{ type: 'too_many_ranges' }] } };

it('too many rules are refused when they are stored, also in parts and at the same time', async () => {
  const project = randomUUID();
  expect(await exclude('PUT', project, patterns(200))).toMatchObject(tooMany);
  const both = await Promise.all([
    exclude('POST', project, patterns(8)),
    exclude('POST', project, patterns(8, 3)),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(await exclude('POST', project, patterns(8, 5))).toMatchObject(tooMany);
  expect((await exclude('PUT', project, patterns(15))).status).toBe(200);
});

it('too many rules of project and request together are refused, and the answer says which', async () => {
  const project = randomUUID();
  await exclude('PUT', project, patterns(10));
  const plan = await tasker.post(`/tasks/${project}/plan`, scan(['9.9.9.9'], { exclude: patterns(10, 3) }));
  expect(plan).toMatchObject({
    status: 422,
    body: { detail: [{ msg: expect.stringMatching(/^exclusions \(request\): .* 1310720 /) }] },
  });
});

it('what an earlier version stored refuses its own project only: others are scanned', async () => {
  const project = randomUUID();
  const fields = patterns(200).flatMap((entry) => {
    const by = { id: 'u1', username: 'alice' };
    return [entry, JSON.stringify({ entry, by, at: '2026-11-02T09:30:00.000Z', why: 'lab', until: null })];
  });
  await installation.redis.hset(projectKeys(project).exclusions, ...fields);
  await installation.redis.incr(projectKeys(project).exclusionsVersion);
  const run = await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9']));
  expect(run).toMatchObject({
    status: 422,
    body: { detail: [{ msg: expect.stringMatching(/^exclusions \(project\): .* 13107200 /) }] },
  });
  const other = await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['9.9.9.9']));
  expect(other.status).toBe(200);
  for (const pid of processes()) expect(peakMemory(pid)).toBeLessThan(MEMORY);
  await call('DELETE', `/tasks/${project}/exclusions`, { hosts: patterns(190) });
  await eventually('it can be scanned again', async () => {
    const again = await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.10']));
    return again.status === 200;
  });
});

it('the scans of many projects that exclude as much as they may are planned and sent', async () => {
  const projects = Array.from({ length: 3 }, () => randomUUID());
  await Promise.all(projects.map((project, index) => exclude('PUT', project, patterns(15, 2 * index + 1))));
  const links = await Promise.all(
    projects.map(async (project) => {
      const run = await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.1.0/28']));
      expect(run.status).toBe(200);
      return run.body.submission.href;
    }),
  );
  for (const href of links)
    await eventually('it is sent', async () => isSent((await tasker.get(href)).body.state));
  for (const project of projects) {
    const { body } = await tasker.get(`/tasks/${project}/explain?target=9.9.1.1`);
    expect(body.submissions).toHaveLength(1);
  }
  for (const pid of processes()) expect(peakMemory(pid)).toBeLessThan(MEMORY_AT_THE_LIMIT);
});

/** Of the API and its jobs process. */
function processes(): number[] {
  const { pid = 0 } = tasker.process;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return [pid, ...children];
}

function peakMemory(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
