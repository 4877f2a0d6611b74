/** How many tasks a project and a network may have at once: what is over that waits, and nothing of it is lost. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { pause, resumePaused } from '../../../src/flows/takeBack/pause.ts';
import { wakeLimited } from '../../../src/flows/takeBack/wake.ts';
import type { PerNetwork } from '../../../src/model/perNetwork.ts';
import { withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { type QueuedTask, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS } from '../../support/stageContext.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const depth = () => scene.services.broker.depth();
const limited = (per_network: Partial<PerNetwork>) => ({
  options: { ...OPTIONS, per_network: { v4: 24, v6: 64, ...per_network } },
});
const services = () => withTurns(scene);

/** What the jobs processes do twice a second. */
function keepWaking(): void {
  let waking = Promise.resolve();
  const timer = setInterval(() => {
    waking = waking.then(() => wakeLimited(services())).catch(() => {});
  }, 50);
  onTestFinished(() => clearInterval(timer));
}

/** As a worker does when a task has ended. */
async function end({ id, task }: QueuedTask): Promise<void> {
  const { project, ip } = task;
  const user = String((task.user as { id: string }).id);
  await scene.redis
    .multi()
    .del(workerKeys.task(id), workerKeys.lock(project, ip, String(task.open_ports_str)))
    .srem(workerKeys.projectTasks(project), id)
    .srem(workerKeys.userTasks(user), id)
    .exec();
}

/** Runs what is ready, task by task, until so many were run. `look` sees what is out before each one ends. */
async function runAll(count: number, look: (out: readonly QueuedTask[]) => void): Promise<string[]> {
  const out: QueuedTask[] = [];
  const ran: string[] = [];
  await eventually(
    `${count} tasks were run`,
    async () => {
      out.push(...(await takeTasks(scene.stages.vhost)));
      look(out);
      const next = out.shift();
      if (next === undefined) return ran.length >= count;
      await end(next);
      ran.push(next.task.ip);
      return false;
    },
    60_000,
  );
  return ran.sort();
}

const networkOf = (ip: string) => ip.slice(0, ip.lastIndexOf('.'));
const mostOfANetwork = (out: readonly QueuedTask[]) => {
  const counts = new Map<string, number>();
  for (const { task } of out) counts.set(networkOf(task.ip), (counts.get(networkOf(task.ip)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
};

describe('max_running', () => {
  it('a project never has more tasks out, and all of its scans get to their end', async () => {
    const project = randomUUID();
    await scene.stores.dispatchSettings.write(project, { max_running: 3 });
    scene.runJobs();
    keepWaking();
    const ids = [
      await scene.submit({ project, entries: '11.0.0.0/28' }),
      await scene.submit({ project, entries: '11.0.1.1-11.0.1.4' }),
    ];
    const ran = await runAll(18, (out) => expect(out.length).toBeLessThanOrEqual(3));
    expect(new Set(ran).size).toBe(18);
    for (const id of ids) await scene.untilState(id, 'done');
  });

  it('holds nobody else up, and a higher one counts at once', async () => {
    const [project, other] = [randomUUID(), randomUUID()];
    await scene.stores.dispatchSettings.write(project, { max_running: 2 });
    scene.runJobs();
    keepWaking();
    await scene.submit({ project, entries: '11.0.0.0/28' });
    await eventually('two are ready', async () => (await depth()) === 2);
    const id = await scene.submit({ project: other, entries: '12.0.0.0/28' });
    await scene.untilState(id, 'done');
    expect(await depth()).toBe(2 + 14);
    await scene.stores.dispatchSettings.write(project, { max_running: 9 });
    await eventually('nine are ready', async () => (await depth()) === 9 + 14);
  });

  it('a part that was tracked before a crash is sent, although the project has enough', async () => {
    const { context } = scene.stages;
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/30' });
    await scene.redis.hset(`tasker:submission:${id}`, { state: 'dispatching' });
    await scene.stores.dispatchSettings.write(project, { max_running: 1 });
    const task = { id: randomUUID(), ip: '11.0.0.1', address: 0x0b000001, ports: '80', part: 0 };
    const part = { submission: id, project, user: 'u', lane: 0, batch: 0, from: 0, to: 1, tasks: [task] };
    const tracked = { publishable: new Set([task.id]), aside: new Set() };
    expect(await context.batches.track(part)).toEqual(tracked);
    expect(await context.batches.track(part)).toEqual(tracked);
    const more = { ...task, id: randomUUID(), ip: '11.0.0.2', address: 0x0b000002 };
    expect(await context.batches.track({ ...part, from: 1, to: 2, tasks: [more] })).toBe('limited');
  });
});

describe('per_network', () => {
  it('a network has no more tasks out than it may, the others pass, and each address is scanned once', async () => {
    scene.runJobs();
    keepWaking();
    const entries = '11.0.0.0/27\n11.0.1.0/29\n11.0.2.1';
    const id = await scene.submit({ entries, ...limited({ tasks: 2 }) });
    await eventually('two of each network are ready, and the lonely one', async () => (await depth()) === 5);
    expect((await scene.progress(id)).state).toBe('dispatching');
    const ran = await runAll(37, (out) => expect(mostOfANetwork(out)).toBeLessThanOrEqual(2));
    expect(new Set(ran).size).toBe(37);
    expect(await scene.untilState(id, 'done')).toMatchObject({ summary: { sent_to_scan: 37 } });
  });

  it('tasks of other projects count, also where those have no limit', async () => {
    scene.runJobs();
    keepWaking();
    const careful = randomUUID();
    await scene.stores.dispatchSettings.write(careful, { per_network: { tasks: 3, v4: 24, v6: 64 } });
    await scene.submit({ project: careful, entries: '11.0.0.9' });
    await eventually('the first one is ready', async () => (await depth()) === 1);
    const free = await scene.submit({ project: randomUUID(), entries: '11.0.0.1-11.0.0.4' });
    await scene.untilState(free, 'done');
    const late = await scene.submit({ project: careful, entries: '11.0.0.20\n11.0.9.1' });
    await eventually('only the one elsewhere is ready', async () => (await depth()) === 1 + 4 + 1);
    const ran = await runAll(7, () => {});
    expect(ran).toContain('11.0.0.20');
    await scene.untilState(late, 'done');
  });

  it('so many begin within a minute, and the next ones when it is over', async () => {
    scene.runJobs();
    keepWaking();
    const id = await scene.submit({ entries: '11.0.0.1-11.0.0.5', ...limited({ per_minute: 2 }) });
    await eventually('two are ready', async () => (await depth()) === 2);
    for (const task of await takeTasks(scene.stages.vhost)) await end(task);
    const minuteLater = async () => {
      const starts = await scene.redis.zrange('tasker:network-starts-at', '0', '-1');
      for (const start of starts) await scene.redis.zadd('tasker:network-starts-at', 1, String(start));
    };
    await minuteLater();
    await eventually('two more are ready', async () => (await depth()) === 2);
    await minuteLater();
    await eventually('and the last one', async () => (await depth()) === 3);
    await scene.untilState(id, 'done');
  });

  it('a pause and a stop reach what waits for a place', async () => {
    scene.runJobs();
    keepWaking();
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/28', ...limited({ tasks: 2 }) });
    await eventually('two are ready', async () => (await depth()) === 2);
    const by = { since: new Date().toISOString(), by: 'ann', why: null, running: 'finish' as const };
    expect(await pause({ project, submission: id }, by, services())).toMatchObject({ ready: 2 });
    await scene.stores.limits.freePlaces();
    expect(await depth()).toBe(0);
    await resumePaused({ project, submission: id }, services());
    await eventually('two are ready again', async () => (await depth()) === 2);
    await stop(project, scene.services);
    expect(await depth()).toBe(0);
    expect((await scene.progress(id)).state).toBe('stopped');
  });

  it('more than wait one by one do not fill Redis: the lanes wait too', async () => {
    scene.runJobs();
    const id = await scene.submit({ entries: '11.0.0.0/20', ...limited({ tasks: 1, v4: 16 }) });
    await eventually('its lanes wait', async () => (await scene.queues.publish.getDelayedCount()) >= 4);
    expect(await depth()).toBe(1);
    expect(await scene.stores.again.count(id)).toBeLessThan(2_000);
  });
});
