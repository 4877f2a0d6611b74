/** The whole way: falcli's request in, tasks taken by a real Celery worker, status, stop. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CeleryWorker, startCeleryWorker } from '../support/celeryWorker/celeryWorker.ts';
import { queueDepth } from '../support/scanQueue.ts';
import { eventually, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const HOST = 'scan-1';
const SCAN_SECONDS = 2;
let installation: Installation;
let tasker: Tasker;
let worker: CeleryWorker;

function startWorker(): Promise<CeleryWorker> {
  const { vhost, db } = installation;
  return startCeleryWorker({ ...services(), vhost, db, hostname: HOST, scanSeconds: SCAN_SECONDS });
}

beforeAll(async () => {
  installation = await ownInstallation();
  worker = await startWorker();
  tasker = await startTasker(installation.env);
});

afterAll(async () => {
  await tasker?.stop();
  await worker?.stop();
  await installation?.drop();
});

beforeEach(() => installation.redis.del('test:received', 'test:ended'));

// biome-ignore lint/suspicious/noExplicitAny: what the worker wrote, checked by the expectations
async function written(list: 'test:received' | 'test:ended'): Promise<any[]> {
  return (await installation.redis.lrange(list, 0, -1)).map((text) => JSON.parse(text));
}

const status = async (project: string) => (await tasker.get(`/tasks/${project}/status`)).body;

async function workerKeysLeft(): Promise<string[]> {
  const keys = await installation.redis.keys('*');
  return keys.filter((key) => /^(task|user|lock|running|running_tool|project):/.test(key));
}

describe('a real Celery worker', () => {
  it('takes every task as the contract says, and nothing is left when it is through', async () => {
    const project = randomUUID();
    const { body } = await tasker.post(
      `/tasks/${project}/run-nmap`,
      scan(['9.9.9.8/31'], { timeout: 77 }, ['80', '443']),
    );
    expect(body.summary.sent_to_scan).toBe(2);

    const running = await eventually('one is running', async () => {
      const now = await status(project);
      return now.running === 1 && now;
    });
    expect(running).toMatchObject({
      active_or_queued: 2,
      running_targets: [{ ip: expect.stringMatching(/^9\.9\.9\.[89]$/), hostnames: [], worker: HOST }],
    });
    expect((await status(randomUUID())).running).toBe(0);

    await eventually('both have ended', async () => (await written('test:ended')).length === 2);
    const received = await written('test:received');
    expect(received.map(({ task }) => task.ip).sort()).toEqual(['9.9.9.8', '9.9.9.9']);
    for (const { task, headers } of received) {
      expect(Object.keys(task)).toEqual([
        ...['ip', 'hostnames', 'project', 'open_ports_opts', 'service_opts', 'timeout', 'include_services'],
        ...['mode', 'user', 'open_ports_str', 'track_history'],
      ]);
      expect(task).toMatchObject({
        project,
        timeout: 77,
        open_ports_str: '80 443',
        user: { username: 'admin' },
      });
      expect(headers).toMatchObject({ lang: 'py', retries: 0 });
    }
    expect(await status(project)).toEqual({ active_or_queued: 0, running: 0, running_targets: [] });
    await eventually('the worker has cleaned up', async () => (await workerKeysLeft()).length === 0);
  });

  it('answers the ping and the question for its address', async () => {
    const info = await eventually('it is known', async () => {
      const { body } = await tasker.get('/workers/ips');
      return body.workers[HOST]?.last_seen > 0 && body.workers[HOST]?.last_updated > 0 && body.workers[HOST];
    });
    expect(info).toMatchObject({ ip: '203.0.113.7' });
    expect(await installation.redis.ttl(`worker:${HOST}`)).toBeGreaterThan(0);
  });

  it('is stopped in the middle of a scan, and a worker that comes up later starts nothing', async () => {
    const project = randomUUID();
    await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.0/28']));
    await eventually('one is running', async () => (await status(project)).running === 1);
    const { body } = await tasker.get(`/tasks/${project}/stop-nmap`);
    expect(body.status).toBe('stopped');
    expect(body.revoked).toBeGreaterThanOrEqual(13);
    await eventually('the running one is killed', async () =>
      (await written('test:ended')).some((end) => end.cancelled),
    );
    expect(await queueDepth(installation.vhost)).toBe(0);

    await worker.stop();
    await installation.redis.del('test:received');
    worker = await startWorker();
    // It takes a task of another project, so it would have taken one of the stopped project before.
    const other = randomUUID();
    await tasker.post(`/tasks/${other}/run-nmap`, scan(['8.8.8.8']));
    await eventually('the other task is through', async () => (await status(other)).active_or_queued === 0);
    expect((await written('test:received')).map(({ task }) => task.project)).toEqual([other]);
    await eventually('nothing is left', async () => (await workerKeysLeft()).length === 0);
  });
});
