/** split, publish and the root, called without a queue. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { Room } from '../../../src/jobs/publish/room.ts';
import type { RetryLaterError } from '../../../src/jobs/runner/stage.ts';
import { split } from '../../../src/jobs/split.ts';
import { queueDepth, takeTasks } from '../../support/scanQueue.ts';
import { eventually, rabbitmqApi } from '../../support/services.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

beforeEach(() => {
  scene.injected.length = 0;
});

/** A submission of one network up to the point where its batches begin. */
async function planned(project: string, network: string): Promise<string> {
  const id = await scene.begin({ project, entries: network });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

/** Runs injected batches until there are none. */
async function publishAll(): Promise<void> {
  for (let job = scene.injected.shift(); job; job = scene.injected.shift()) {
    expect(job.stage).toBe('publish');
    await runStage(publish, job.ref, scene.context);
  }
}

/** What a stage throws that rests its queue, or its job alone. */
const laterAs = (rests: RetryLaterError['rests']) => ({ name: 'RetryLaterError', rests });

describe('publish', () => {
  it('sends every address once, in lanes, and the root agrees', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.0.0.0/21');
    expect(scene.injected.map(({ ref }) => ref.index)).toEqual([0, 1, 2, 3]);
    await publishAll();
    const ips = (await takeTasks(scene.vhost)).map(({ task }) => task.ip);
    expect(ips.length).toBe(2_046);
    expect(new Set(ips).size).toBe(2_046);
    expect(await runStage(root, { submission: id }, scene.context)).toEqual({ targets: 2_046 });
    expect((await scene.context.submissions.facts(id)).state).toBe('done');
    expect(await scene.context.projects.activeOrQueued(project)).toBe(2_046);
  });

  it('sends the same task ids when a batch runs again before it was marked, and nothing once it was', async () => {
    const id = await planned(randomUUID(), '11.0.0.0/28');
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    const first = await takeTasks(scene.vhost);
    await scene.redis.hdel(submissionKeys(id).lanes, 's0');
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    const second = await takeTasks(scene.vhost);
    expect(second.map(({ id: task }) => task)).toEqual(first.map(({ id: task }) => task));
    expect(await runStage(publish, { submission: id, index: 0 }, scene.context)).toEqual({
      already_sent: true,
    });
    expect(await queueDepth(scene.vhost)).toBe(0);
  });

  it('does not send what another task holds the lock of', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.0.0.0/29');
    await scene.redis.set(workerKeys.lock(project, '11.0.0.3', '80'), 'another-task');
    expect(await runStage(publish, { submission: id, index: 0 }, scene.context)).toEqual({
      tasks: 5,
      left_out: 1,
    });
    const ips = (await takeTasks(scene.vhost)).map(({ task }) => task.ip).sort();
    expect(ips).toEqual(['11.0.0.1', '11.0.0.2', '11.0.0.4', '11.0.0.5', '11.0.0.6']);
    expect(await scene.redis.get(workerKeys.lock(project, '11.0.0.3', '80'))).toBe('another-task');
  });

  it('tracks before it sends: the keys of CONTRACT are there for every task', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.0.0.0/30');
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    const tasks = await takeTasks(scene.vhost);
    const { user } = await scene.context.submissions.facts(id);
    for (const {
      id: task,
      task: { ip },
    } of tasks) {
      expect(await scene.redis.sismember(workerKeys.projectTasks(project), task)).toBe(1);
      expect(await scene.redis.sismember(workerKeys.userTasks(user.id), task)).toBe(1);
      expect(await scene.redis.smembers(workerKeys.addressTasks(project, ip))).toEqual([task]);
      expect(await scene.redis.hgetall(workerKeys.task(task))).toEqual({
        ...{ ip, ports: '80', submission: id },
      });
      expect(await scene.redis.ttl(workerKeys.lock(project, ip, '80'))).toBeGreaterThan(29 * 24 * 3600);
    }
    expect(tasks.length).toBe(2);
  });

  it('rests its queue while the window is full, and only its own job while the project is being stopped', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.0.0.0/24');
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    const full = { ...scene.context, room: new Room({ ...scene.context, dispatchWindow: 250 }) };
    await expect(runStage(publish, { submission: id, index: 1 }, full)).rejects.toMatchObject(
      laterAs('queue'),
    );
    await takeTasks(scene.vhost);
    await scene.context.projects.stopProject(project);
    const later = await scene.begin({ project, entries: '11.9.0.0/30' });
    await runStage(expand, { submission: later }, scene.context);
    await runStage(dedup, { submission: later }, scene.context);
    await expect(runStage(publish, { submission: later, index: 0 }, scene.context)).rejects.toMatchObject(
      laterAs('job'),
    );
    expect(await runStage(publish, { submission: id, index: 1 }, scene.context)).toEqual({ stopped: true });
    await scene.context.projects.stopEnded(project);
    expect(await runStage(publish, { submission: later, index: 0 }, scene.context)).toEqual({ tasks: 2 });
    await takeTasks(scene.vhost);
  });

  it('the root says so when batches are missing', async () => {
    const id = await planned(randomUUID(), '11.0.0.0/24');
    await expect(runStage(root, { submission: id }, scene.context)).rejects.toThrow(
      /254 of 254 tasks were never sent/,
    );
  });
});

describe('a queue that takes only a part', () => {
  it('gets the rest at the next try, and nothing twice', async () => {
    const id = await planned(randomUUID(), '11.0.0.0/27');
    const policy = {
      pattern: '^nmap_scan_queue$',
      definition: { 'max-length': 10, overflow: 'reject-publish' },
    };
    const path = `policies/${scene.vhost}/short`;
    await rabbitmqApi('PUT', path, { ...policy, 'apply-to': 'queues' });
    const refused = await eventually('the policy holds', async () => {
      const error = await runStage(publish, { submission: id, index: 0 }, scene.context).catch(
        (thrown: unknown) => thrown,
      );
      return error instanceof Error && error;
    });
    expect(refused.message).toMatch(/refused \d+ of 30 messages.*policy/);
    const first = await takeTasks(scene.vhost);
    expect(first.length).toBeGreaterThan(0);
    await rabbitmqApi('DELETE', path);
    await eventually('the policy is gone', async () => {
      await runStage(publish, { submission: id, index: 0 }, scene.context).catch(() => {});
      return (await scene.context.submissions.facts(id)).sent === 30;
    });
    const second = await takeTasks(scene.vhost);
    const ids = [...first, ...second].map((task) => task.id);
    expect(ids.length).toBe(30);
    expect(new Set(ids).size).toBe(30);
  });
});
