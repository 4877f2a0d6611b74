import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AuditEntry, type AuditNote, auditText } from '../../../src/adapters/audit/entry.ts';
import { AuditTrail } from '../../../src/adapters/audit/trail.ts';
import { ProjectStore } from '../../../src/adapters/projects/projectStore.ts';
import { AUDIT_KEY, projectKeys, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
beforeEach(() => redis.flushdb());
afterAll(() => redis.disconnect());

const lost: string[] = [];
function noteOf(project: string | null, keep = 1000, more: Partial<AuditEntry> = {}): AuditNote {
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    event: 'project.stopped',
    user: { id: 'u1', username: 'alice', admin: false },
    from: '127.0.0.1',
    request: 'r1',
    project,
    on: null,
    before: null,
    after: null,
    ...more,
  };
  return { entry, keep, lost: (_entry, why) => lost.push(why) };
}
const all = { limit: 200 };

it('a change and its entry are one step: what changed nothing leaves none', async () => {
  const project = randomUUID();
  const store = new ExclusionStore(redis);
  const trail = new AuditTrail(redis);
  const by = { id: 'u1', username: 'alice', admin: false };
  const put = new Map([['8.8.8.8', { entry: '8.8.8.8', by, at: '', why: '', until: null }]]);
  expect(await store.add(project, put, '7', noteOf(project))).toBe('changed');
  expect(await trail.page(project, all)).toEqual({ entries: [], next: undefined });
  expect(await store.add(project, put, '0', noteOf(project))).toBe('done');
  expect((await trail.page(project, all)).entries).toHaveLength(1);
  expect(await store.remove(project, ['8.8.8.8', '9.9.9.9'], '1', noteOf(project))).toEqual(['8.8.8.8']);
  expect((await trail.page(undefined, all)).entries.map(({ outcome }) => outcome)).toEqual(['8.8.8.8', '']);
});

it('a trail that cannot be written keeps nobody from stopping, and is told to whoever logs', async () => {
  const project = randomUUID();
  await redis.set(AUDIT_KEY, 'no stream');
  await redis.set(projectKeys(project).audit, 'no stream');
  await redis.sadd(projectKeys(project).open, 's1');
  await redis.hset(submissionKeys('s1').facts, { state: 'dispatching', total: 5 });
  lost.length = 0;
  expect(await new ProjectStore(redis).stopProject(project, noteOf(project))).toEqual({
    ids: ['s1'],
    waiting: 5,
  });
  expect(await redis.hget(submissionKeys('s1').facts, 'state')).toBe('stopped');
  expect(lost).toEqual([expect.stringContaining('WRONGTYPE')]);
  await new AuditTrail(redis).note(noteOf(project));
  expect(lost).toHaveLength(2);
});

it('a trail has an end, and a project does not push out what others did', async () => {
  const [busy, quiet] = [randomUUID(), randomUUID()];
  const trail = new AuditTrail(redis);
  await trail.note(noteOf(quiet, 200));
  for (let i = 0; i < 1000; i++) await trail.note(noteOf(busy, 200));
  expect(await redis.xlen(AUDIT_KEY)).toBeLessThan(400);
  expect((await trail.page(quiet, all)).entries).toHaveLength(1);
  expect(await redis.ttl(projectKeys(quiet).audit)).toBeGreaterThan(300 * 24 * 3600);
});

it('a setting of 0 keeps no trail', async () => {
  const project = randomUUID();
  await new AuditTrail(redis).note(noteOf(project, 0));
  await new ProjectStore(redis).stopProject(project, noteOf(project, 0));
  expect(await redis.exists(AUDIT_KEY, projectKeys(project).audit)).toBe(0);
});

it('an entry is bounded, whatever was sent', () => {
  const huge = 'x'.repeat(100_000);
  const { entry } = noteOf('p', 1, { on: huge, before: [huge], after: null });
  expect(JSON.parse(auditText(entry))).toMatchObject({ event: 'project.stopped', on: { too_long: true } });
  expect(auditText(entry).length).toBeLessThan(1000);
});

it('what is none of ours in the stream is passed over', async () => {
  await redis.xadd(AUDIT_KEY, '*', 'entry', '{broken');
  await redis.xadd(AUDIT_KEY, '*', 'other', '1');
  await new AuditTrail(redis).note(noteOf(null));
  expect((await new AuditTrail(redis).page(undefined, all)).entries).toHaveLength(1);
});
