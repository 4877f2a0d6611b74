/** Entries of the audit trail in a file: whole lines, whoever writes beside, and none that is lost without a word. */

import {
  appendFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditFile } from '../../../src/adapters/audit/auditFile.ts';
import type { AuditEntry } from '../../../src/adapters/audit/entry.ts';
import { AuditTrail } from '../../../src/adapters/audit/trail.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { linesLog } from '../../support/broker.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

let directory: string;
let path: string;
let lost: { entry: AuditEntry; why: string }[];
let lines: string[];
const open: AuditFile[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'));
  path = join(directory, 'audit.ndjson');
  lost = [];
});
afterEach(async () => {
  for (const file of open.splice(0)) await file.close();
  await rm(directory, { recursive: true, force: true });
});

function auditFile(): AuditFile {
  const { log, lines: own } = linesLog();
  lines = own;
  const file = new AuditFile(path, log, (entry, why) => lost.push({ entry, why }));
  open.push(file);
  return file;
}
const entry = (request: string, on: unknown = null): AuditEntry => ({
  ...{ at: '2026-11-02T09:30:00.000Z', event: 'project.stopped', user: null, from: null },
  ...{ request, project: null, on, before: null, after: null },
});
const requestsIn = async (from = path) =>
  (await readFile(from, 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line).request);

it('each entry is a line with what it came to, and only the owner reads them', async () => {
  const file = auditFile();
  await Promise.all(Array.from({ length: 250 }, (_, index) => file.append(entry(`r${index}`), 'done "so"')));
  expect(await requestsIn()).toEqual(Array.from({ length: 250 }, (_, index) => `r${index}`));
  const [first = ''] = (await readFile(path, 'utf8')).split('\n');
  expect(JSON.parse(first)).toEqual({ ...entry('r0'), outcome: 'done "so"' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await expect(file.check()).resolves.toBeUndefined();
});

it('several that append to one file and rotate it lose nothing', async () => {
  const files = [auditFile(), auditFile(), auditFile()];
  const kept: string[] = [];
  for (let round = 0; round < 5; round++) {
    const rotated = `${path}.${round}`;
    const writes = files.flatMap((file, who) =>
      Array.from({ length: 40 }, (_, index) =>
        file.append(entry(`${who}-${round}-${index}`, 'x'.repeat(3_000)), ''),
      ),
    );
    await rename(path, rotated).catch(() => {});
    await Promise.all(writes);
    kept.push(rotated);
  }
  const read = await Promise.all([...kept, path].map((each) => requestsIn(each).catch(() => [])));
  expect(new Set(read.flat()).size).toBe(5 * 3 * 40);
  expect(read.flat()).toHaveLength(5 * 3 * 40);
  expect(lost).toEqual([]);
});

it('what comes while the disk is full waits, is told once, and is written when there is room', async () => {
  const file = auditFile();
  await file.append(entry('before'), '');
  await unlink(path);
  await symlink('/dev/full', path);
  await file.append(entry('during-1'), '');
  await file.append(entry('during-2'), '');
  await expect(file.check()).rejects.toThrow(/AUDIT_FILE cannot be written: ENOSPC/);
  expect(lines.filter((line) => line.includes('AUDIT_FILE cannot be written'))).toHaveLength(1);
  await unlink(path);
  // Half a line, as a full disk leaves it.
  await writeFile(path, 'half a line');
  await eventually('it is written', async () => (await requestsIn()).length > 0);
  await file.append(entry('after'), '');
  expect(await requestsIn()).toEqual(['during-1', 'during-2', 'after']);
  await expect(file.check()).resolves.toBeUndefined();
  expect(lines.some((line) => line.includes('nothing is missing'))).toBe(true);
  expect(lost).toEqual([]);
});

it('10,000 entries wait while nothing can be written; what comes then goes to the log at once', async () => {
  await symlink('/dev/full', path);
  const file = auditFile();
  const given = Array.from({ length: 10_003 }, (_, index) => file.append(entry(`r${index}`), ''));
  expect(lost.map((each) => each.entry.request)).toEqual(['r10000', 'r10001', 'r10002']);
  await Promise.all(given);
  await unlink(path);
  await eventually('those that waited are written', async () => {
    const written = await requestsIn().catch(() => []);
    return written.length === 10_000 && written.at(-1) === 'r9999';
  });
  expect(lost).toHaveLength(3);
});

it('what cannot be written until the end goes to the log', async () => {
  await symlink('/dev/full', path);
  const file = auditFile();
  await file.append(entry('r1'), '');
  await file.close();
  expect(lost).toEqual([{ entry: entry('r1'), why: expect.stringContaining('ENOSPC') }]);
});

it('a line that another process left half-written does not swallow the next one', async () => {
  const file = auditFile();
  await file.append(entry('r1'), '');
  await appendFile(path, '{"at":"20');
  await file.append(entry('r2'), '');
  expect((await readFile(path, 'utf8')).split('\n').map((line) => line.slice(0, 5))).toEqual([
    ...['{"at"', '{"at"', '{"at"', ''],
  ]);
  expect((await readFile(path, 'utf8')).trim().split('\n').at(-1)).toContain('"request":"r2"');
});

it('the file has what changed something, also where Redis keeps no trail', async () => {
  const redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  const file = auditFile();
  const note = (request: string) => ({ entry: entry(request), keep: 0, file, lost: () => {} });
  const by = { id: 'u1', username: 'alice', admin: false };
  const put = new Map([['8.8.8.8', { entry: '8.8.8.8', by, at: '', why: '', until: null }]]);
  const store = new ExclusionStore(redis);
  expect(await store.add('p', put, '7', note('refused'))).toBe('changed');
  expect(await store.add('p', put, '0', note('added'))).toBe('done');
  await new AuditTrail(redis).note(note('noted'));
  expect(await requestsIn()).toEqual(['added', 'noted']);
  expect(await redis.keys('*audit*')).toEqual([]);
  redis.disconnect();
});
