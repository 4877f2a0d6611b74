/** Lists of ports as long as they may be: what is only Tasker's holds them as a hash, the worker's keys as sent. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { projectKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import { canonicalPorts } from '../../../src/nmap/ports.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const PORTS = Array.from({ length: 10_000 }, (_, index) => `${2 * index + 1}`);
const REVERSED = [...PORTS].reverse();

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

beforeEach(() => {
  scene.injected.length = 0;
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

async function planned(project: string, ports: string[]): Promise<string> {
  const options = { ...OPTIONS, open_ports_opts: { ...OPTIONS.open_ports_opts, ports } };
  const id = await scene.begin({ project, entries: '11.0.0.0/30', options });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

const queued = async (id: string) => (await scene.stores.view.progress(id))?.summary.refused.already_in_queue;

it('long ports are reserved as a hash, which any spelling of the same ports meets', async () => {
  const project = randomUUID();
  const id = await planned(project, PORTS);
  const { reservations } = projectKeys(project);
  const [kept = ''] = Object.values(await scene.redis.hgetall(reservations));
  expect(kept).toMatch(/^sha256:.{43}$/);
  expect(await queued(await planned(project, REVERSED))).toBe(2);
  expect(await queued(await planned(project, PORTS.slice(1)))).toBe(0);
  // As it was reserved by a process of the version before.
  await scene.redis.hset(reservations, id, canonicalPorts(PORTS));
  expect(await queued(await planned(project, REVERSED))).toBe(2);
});

it('long ports stand in the task and in the keys of the workers as they were sent, and are met there as well', async () => {
  const project = randomUUID();
  const id = await planned(project, REVERSED);
  await runStage(publish, { submission: id, index: 0 }, scene.context);
  const sent = REVERSED.join(' ');
  const tasks = await takeTasks(scene.vhost);
  expect(tasks.map(({ task }) => task.open_ports_str)).toEqual([sent, sent]);
  for (const {
    id: task,
    task: { ip },
  } of tasks)
    expect(await scene.redis.get(workerKeys.lock(project, ip, sent))).toBe(task);
  await scene.context.submissions.finish(id, project);
  expect(await queued(await planned(project, PORTS))).toBe(2);
});
