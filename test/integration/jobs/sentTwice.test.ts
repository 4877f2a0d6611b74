/** A batch whose tasks workers have finished before it is tried again: nothing of them may stay in Redis. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import type { ScanOptions } from '../../../src/model/scanOptions.ts';
import { createScans } from '../../../tools/simulatedWorker/scans.ts';
import { isOwnKey } from '../../support/ownKeys.ts';
import { type QueuedTask, takeTasks } from '../../support/scanQueue.ts';
import { eventually, rabbitmqApi } from '../../support/services.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const ROOM = 100;
const USER = { id: randomUUID(), username: 'ann' };

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

afterEach(() => scene.redis.flushdb());

async function planned(project: string, network: string, options: ScanOptions = OPTIONS): Promise<string> {
  const id = await scene.begin({ project, user: USER, entries: network, options });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

/** What workers do with everything that is in the queue. */
async function finishAll(): Promise<QueuedTask[]> {
  const scans = createScans(scene.redis, { host: 'worker-1', scanMs: 0 });
  const tasks = await takeTasks(scene.vhost);
  for (const { id, task } of tasks) {
    const { ip, hostnames, project, open_ports_str } = task;
    await scans.run(id, { ip, hostnames, project, user: USER.id, ports: String(open_ports_str) });
  }
  return tasks;
}

/** The keys of tasks: locks, tracking sets, metadata. */
async function keysOfTasks(): Promise<string[]> {
  const keys = await scene.redis.keys('*');
  return keys.filter((key) => !isOwnKey(key));
}

const path = () => `policies/${scene.vhost}/short`;

async function leaveLittleRoom(): Promise<void> {
  await rabbitmqApi('PUT', path(), {
    pattern: '^nmap_scan_queue$',
    'apply-to': 'queues',
    definition: { 'max-length': ROOM, overflow: 'reject-publish' },
  });
  await eventually('the policy holds', async () => {
    const queue = await rabbitmqApi('GET', `queues/${scene.vhost}/nmap_scan_queue`);
    return Reflect.get(Object(queue), 'policy') === 'short';
  });
}

/** Tries the batch again and again, with workers that finish what is there in between. */
async function throughALittleRoom(id: string, between: () => Promise<void> = async () => {}) {
  const tasks: QueuedTask[] = [];
  await leaveLittleRoom();
  await eventually('the batch is through', async () => {
    const result = await runStage(publish, { submission: id, index: 0 }, scene.context).catch(
      () => undefined,
    );
    tasks.push(...(await finishAll()));
    await between();
    return result;
  });
  await rabbitmqApi('DELETE', path());
  return tasks;
}

it.each([
  ['one task an address', '11.0.0.0/24', OPTIONS],
  [
    'several tasks an address',
    '11.0.0.0/26',
    { ...OPTIONS, open_ports_opts: { ...OPTIONS.open_ports_opts, ports: ['1-8'] }, port_shards: 4 },
  ],
])(
  'of a batch that RabbitMQ takes in parts no key stays, and each task goes out once: %s',
  async (_, network, options) => {
    const id = await planned(randomUUID(), network, options);
    const tasks = await throughALittleRoom(id);
    const { total } = await scene.context.submissions.facts(id);
    expect(tasks.length).toBe(Math.min(total ?? 0, 250));
    expect(new Set(tasks.map((task) => task.id)).size).toBe(tasks.length);
    expect(await keysOfTasks()).toEqual([]);
    expect(await scene.redis.hlen(submissionKeys(id).taken)).toBe(0);
  },
);

it('what is excluded between two tries leaves no key either', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.1.0.0/24');
  const exclusion = { entry: '11.1.0.128/25', by: USER, at: new Date().toISOString(), why: '', until: null };
  const exclude = async () => {
    await scene.stores.exclusions.add(project, new Map([[exclusion.entry, exclusion]]));
  };
  await throughALittleRoom(id, exclude);
  expect(await keysOfTasks()).toEqual([]);
});

it('what another task had when RabbitMQ took a part is sent once it is free', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.2.0.0/25');
  const lock = `lock:project:${project}:ip:11.2.0.7:ports:80`;
  await scene.redis.set(lock, 'another-task');
  const tasks = await throughALittleRoom(id, async () => {
    if ((await scene.redis.get(lock)) === 'another-task') await scene.redis.del(lock);
  });
  expect(tasks.map(({ task }) => task.ip)).toContain('11.2.0.7');
  expect(await keysOfTasks()).toEqual([]);
});

it('a batch that is sent again after a crash before its mark leaves no key once workers finish it again', async () => {
  const id = await planned(randomUUID(), '11.3.0.0/28');
  await runStage(publish, { submission: id, index: 0 }, scene.context);
  await finishAll();
  await scene.redis.hdel(submissionKeys(id).lanes, 's0');
  await runStage(publish, { submission: id, index: 0 }, scene.context);
  expect((await finishAll()).length).toBe(14);
  expect(await keysOfTasks()).toEqual([]);
});
