import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectKeys, STOPS_KEY } from '../../src/adapters/redis/keys.ts';
import { isSent } from '../support/progress.ts';
import { connectRabbit, queueDepth, SCAN_QUEUE, takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, DISPATCH_WINDOW: '600' });
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

async function sendAll(project: string, hosts: string[]): Promise<void> {
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(hosts));
  await eventually('everything is sent', async () =>
    isSent((await tasker.get(body.submission.href)).body.state),
  );
}

/** The keys shared with the workers: what tracks tasks and locks targets. */
async function trackingKeys(): Promise<string[]> {
  return (await installation.redis.keys('*')).filter((key) => /^(task|user|lock|running|project):/.test(key));
}

describe('stop, with no worker running', () => {
  it("empties the queue of the project's tasks and leaves the others in order", async () => {
    const [ours, theirs] = [randomUUID(), randomUUID()];
    await sendAll(theirs, ['11.1.0.0/28']);
    await sendAll(ours, ['11.2.0.0/25']);
    await sendAll(theirs, ['11.1.1.0/28']);
    const before = await peek();
    const expected = before.filter((task) => task.project === theirs);
    expect(expected.length).toBe(28);
    expect(before.length).toBe(28 + 126);

    const { body } = await tasker.get(`/tasks/${ours}/stop-nmap`);
    expect(body).toEqual({ status: 'stopped', revoked: 126 });
    await eventually('the others are back', async () => (await queueDepth(installation.vhost)) === 28);
    expect(await peek()).toEqual(expected);
    expect((await trackingKeys()).filter((key) => key.includes(ours))).toEqual([]);
    expect((await tasker.get(`/tasks/${ours}/status`)).body.active_or_queued).toBe(0);
    expect((await tasker.get(`/tasks/${theirs}/status`)).body.active_or_queued).toBe(28);

    await tasker.get(`/tasks/${theirs}/stop-nmap`);
    expect(await takeTasks(installation.vhost)).toEqual([]);
    expect(await trackingKeys()).toEqual([]);
  });

  it('takes back what still waits, and nothing of it is sent any more', async () => {
    const project = randomUUID();
    const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.6.0.0/18']));
    expect(body.summary.sent_to_scan).toBe(16_382);
    await eventually('the window is full', async () => (await queueDepth(installation.vhost)) >= 600);
    expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(16_382);

    const stopped = await tasker.get(`/tasks/${project}/stop-nmap`);
    expect(stopped.body).toEqual({ status: 'stopped', revoked: 16_382 });
    expect((await tasker.get(body.submission.href)).body.state).toBe('stopped');
    expect(await takeTasks(installation.vhost)).toEqual([]);
    expect((await tasker.get(`/tasks/${project}/stop-nmap`)).body).toEqual({
      status: 'no_tasks',
      revoked: 0,
    });

    // The same targets are free again, and a new scan runs as if nothing had been.
    await sendAll(project, ['11.6.0.0/28']);
    expect((await takeTasks(installation.vhost)).length).toBe(14);
    await tasker.get(`/tasks/${project}/stop-nmap`);
  });

  it('called twice at once, stops once', async () => {
    const project = randomUUID();
    await sendAll(project, ['11.7.0.0/24']);
    const both = await Promise.all([1, 2].map(() => tasker.get(`/tasks/${project}/stop-nmap`)));
    expect(both.map(({ body }) => body.revoked).sort()).toEqual([0, 254]);
    expect(await queueDepth(installation.vhost)).toBe(0);
  });

  it("takes back tasks of the old Tasker, and clears its users' sets", async () => {
    const [project, task, left] = [randomUUID(), randomUUID(), randomUUID()];
    const { redis } = installation;
    await redis.sadd(`project:${project}:task_ids`, task);
    await redis.sadd('user:of-old:task_ids', task, left);
    await redis.sadd(`project:${project}:ip:11.8.0.1:task_ids`, task);
    await redis.hset(`task:${task}:metadata:nmap`, { ip: '11.8.0.1', ports: '80' });
    await redis.set(`lock:project:${project}:ip:11.8.0.1:ports:80`, task);
    const { body } = await tasker.get(`/tasks/${project}/stop-nmap`);
    expect(body).toEqual({ status: 'stopped', revoked: 1 });
    expect(await redis.smembers('user:of-old:task_ids')).toEqual([left]);
    await redis.del('user:of-old:task_ids');
    expect(await trackingKeys()).toEqual([]);
  });

  it('does not hold up another project while it is under way', async () => {
    const [stopping, other] = [randomUUID(), randomUUID()];
    // As when its process has just begun it.
    await installation.redis.set(projectKeys(stopping).stopLock, 'somebody', 'EX', 300);
    await installation.redis.zadd(STOPS_KEY, Date.now(), stopping);
    const waiting = await tasker.post(`/tasks/${stopping}/run-nmap`, scan(['11.11.0.0/20']));
    await sendAll(other, ['11.12.0.0/23']);
    expect((await tasker.get(waiting.body.submission.href)).body).toMatchObject({
      state: 'dispatching',
      sent: 0,
    });
    await installation.redis.del(projectKeys(stopping).stopLock);
    await eventually('the stop is finished, and the project goes on', async () => {
      return (await tasker.get(waiting.body.submission.href)).body.sent > 0;
    });
    await tasker.get(`/tasks/${stopping}/stop-nmap`);
    await tasker.get(`/tasks/${other}/stop-nmap`);
  });

  it('knows a project without tasks', async () => {
    const { body } = await tasker.get(`/tasks/${randomUUID()}/stop-nmap`);
    expect(body).toEqual({ status: 'no_tasks', revoked: 0 });
  });
});

/** Looks at all tasks in the queue, in order, and puts them back. */
async function peek(): Promise<{ ip: string; project: string }[]> {
  const depth = await queueDepth(installation.vhost);
  const connection = await connectRabbit(installation.vhost);
  const channel = await connection.createChannel();
  const tasks: { ip: string; project: string }[] = [];
  while (tasks.length < depth) {
    const message = await channel.get(SCAN_QUEUE);
    if (!message) throw new Error('the queue is shorter than it said');
    const [[{ ip, project }]] = JSON.parse(message.content.toString());
    tasks.push({ ip, project });
  }
  await channel.close();
  await connection.close();
  return tasks;
}
