/** AUDIT_FILE of an installation with two API processes. */

import { mkdtemp, readFile, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../support/tasker.ts';

const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
let installation: Installation;
let directory: string;
let path: string;
let apis: Tasker[] = [];
beforeAll(async () => {
  installation = await ownInstallation();
  directory = await mkdtemp(join(tmpdir(), 'audit-'));
  path = join(directory, 'audit.ndjson');
  const env = { ...installation.env, ROLE: 'api', AUDIT_FILE: path };
  apis = await Promise.all([startTasker(env), startTasker(env)]);
});
afterAll(async () => {
  for (const api of apis) await api.stop();
  await installation?.drop();
  await rm(directory, { recursive: true, force: true });
});

const linesOf = async (file: string) =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const setWeight = (api: Tasker, weight: number) => api.send('PUT', `/tasks/${PROJECT}/dispatch`, { weight });

it('has every change of both processes once, over all rotations, before the caller has the answer', async () => {
  const weights: number[] = [];
  for (let round = 1; round <= 3; round++) {
    const own = Array.from({ length: 20 }, (_, index) => round + index / 100);
    const answers = own.flatMap((weight, index) =>
      apis.slice(index % 2, (index % 2) + 1).map((api) => setWeight(api, weight)),
    );
    await rename(path, `${path}.${round}`);
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    weights.push(...own);
  }
  const files = ['.1', '.2', '.3', ''].map((end) => path + end);
  const entries = (await Promise.all(files.map(linesOf))).flat();
  expect(entries.map(({ after }) => after.weight).toSorted()).toEqual(weights.toSorted());
  expect(entries[0]).toMatchObject({ event: 'dispatch.changed', project: PROJECT });
});

it('keeps nobody from a change when it cannot be written, says so in /ready, and misses nothing', async () => {
  const [api] = apis;
  if (api === undefined) throw new Error('no process');
  const ready = async () => (await api.get('/ready')).body.services['audit file'];
  expect(await ready()).toEqual({ status: 'ok', detail: '' });
  await rename(path, `${path}.old`).catch(() => {});
  await symlink('/dev/full', path);
  expect((await setWeight(api, 7)).status).toBe(200);
  const told = await eventually('/ready says so', async () => {
    const state = await ready();
    return state.status === 'away' && state;
  });
  expect(told.detail).toContain('AUDIT_FILE cannot be written: ENOSPC');
  await unlink(path);
  await eventually('it is written', async () => (await linesOf(path)).length === 1);
  expect((await linesOf(path))[0].after.weight).toBe(7);
});

it('that cannot be written at the start is told by its name', () => {
  const faults = (value: string) => {
    const read = readConfig({ AUDIT_FILE: value });
    return read.ok ? [] : read.faults;
  };
  expect(faults('/nowhere/audit.ndjson')).toEqual([expect.stringMatching(/^AUDIT_FILE is .*ENOENT/)]);
  expect(faults('/dev/null')).toEqual([expect.stringMatching(/^AUDIT_FILE is .*it is no file/)]);
  expect(faults(directory)).toEqual([expect.stringMatching(/^AUDIT_FILE is .*it is no file/)]);
  expect(faults(join(directory, 'new'))).toEqual([]);
});
