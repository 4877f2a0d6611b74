import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ProjectStore } from '../../../src/adapters/projects/projectStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { projectStatus } from '../../../src/queries/projectStatus.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { fitting, statusAnswer } from '../../support/workerContract.ts';

const PROJECT = randomUUID();
const AT = 1_795_472_897;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
beforeEach(() => redis.flushdb());
afterAll(() => redis.disconnect());

/** The status of a project with one task, of which a worker wrote this. */
async function statusOf(entry: string) {
  const id = randomUUID();
  await redis.sadd(workerKeys.projectTasks(PROJECT), id);
  await redis.rpush(`running:task:${id}:host:w1`, entry);
  return projectStatus(PROJECT, { projects: new ProjectStore(redis), workers: new WorkerStore(redis) });
}

it.each<[string, unknown, number]>([
  ['an integer', AT, AT],
  ['a float', AT + 0.329, AT],
  ['milliseconds', AT * 1_000 + 329, AT],
  ['an integer as text', String(AT), AT],
  ['a float as text', `${AT}.329`, AT],
  ['ISO 8601 in UTC', '2026-11-23T22:28:17.329Z', AT],
  ['ISO 8601 with an offset', '2026-11-24T00:28:17+02:00', AT],
  ['ISO 8601 with a short offset', '2026-11-23T20:28:17-0200', AT],
  ['ISO 8601 without a zone', '2026-11-23T22:28:17.329123', AT],
  ['a date and a time with a blank', '2026-11-23 22:28:17', AT],
  ['a negative number', -1, 0],
  ['a huge number', 1e300, 0],
  ['another text', 'yesterday', 0],
  ['an empty text', '', 0],
  ['nothing', undefined, 0],
  ['null', null, 0],
  ['a boolean', true, 0],
  ['a list', [AT], 0],
])('status has an integer where the worker wrote %s', async (_, started_at, seconds) => {
  const entry = JSON.stringify({ ip: '8.8.8.8', hostnames: ['a.test'], worker: 'w1', started_at });
  const { running_targets } = fitting(await statusOf(entry), statusAnswer);
  expect(running_targets).toEqual([
    { ip: '8.8.8.8', hostnames: ['a.test'], worker: 'w1', started_at: seconds },
  ]);
});

it.each(['', 'no JSON', 'null', '[]', '{}', '{"ip":7}', '{"ip":"8.8.8.8","hostnames":"a","worker":7}'])(
  'status is one that falcli reads also where the worker wrote %j',
  async (entry) => {
    expect(fitting(await statusOf(entry), statusAnswer).active_or_queued).toBe(1);
  },
);

it('the moments of a worker are integers, whatever it wrote', async () => {
  await redis.hset('worker:w1', { ip: '203.0.113.7', last_updated: `${AT}.5`, last_seen: 'Infinity' });
  await redis.hset('worker:w2', 'last_updated', '2026-11-23T22:28:17Z');
  expect(await new WorkerStore(redis).workers()).toEqual({
    w1: { ip: '203.0.113.7', last_updated: AT, last_seen: 0 },
    w2: { ip: 'unknown', last_updated: AT, last_seen: 0 },
  });
});

it('those who ask at once share one look at the keys, and a later one finds what is new', async () => {
  const fill = redis.pipeline();
  for (let nth = 0; nth < 20_000; nth++) fill.set(`other:${nth}`, '');
  await fill.exec();
  await redis.hset('worker:a', 'ip', '10.0.0.1');
  const sent = vi.spyOn(redis, 'sendCommand');
  const store = new WorkerStore(redis);
  const hosts = async () => Object.keys(await store.workers());
  const found = await Promise.all(Array.from({ length: 50 }, hosts));
  expect(new Set(found.map(String))).toEqual(new Set(['a']));
  const scans = sent.mock.calls.filter(([{ name }]) => name === 'scan').length;
  sent.mockRestore();
  expect(scans).toBeGreaterThan(0);
  expect(scans).toBeLessThan(40);

  await redis.hset('worker:b', 'ip', '10.0.0.2');
  await eventually('the new one is found', async () => (await hosts()).length === 2);
});
