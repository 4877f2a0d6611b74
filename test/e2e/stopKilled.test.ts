/** A stop whose process dies, and stops that are in each other's way. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectKeys, STOPS_KEY } from '../../src/adapters/redis/keys.ts';
import { queueKey } from '../support/ownKeys.ts';
import { isSent } from '../support/progress.ts';
import { connectRabbit, queueDepth } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
let api: Tasker;
let jobs: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  jobs = await startTasker({ ...installation.env, ROLE: 'jobs' });
  api = await startTasker({ ...installation.env, ROLE: 'api' });
});

afterAll(async () => {
  await api?.stop();
  await jobs?.stop();
  await installation?.drop();
});

async function sendAll(project: string, network: string): Promise<void> {
  const { body } = await api.post(`/tasks/${project}/run-nmap`, scan([network]));
  await eventually('it is sent', async () => isSent((await api.get(body.submission.href)).body.state));
}

/** Holds every stop at the point where it takes messages out. Gives what lets them go on. */
async function holdStops(): Promise<() => Promise<void>> {
  const connection = await connectRabbit(installation.vhost);
  const channel = await connection.createChannel();
  await channel.assertQueue('tasker.take_out', { durable: false, autoDelete: true });
  await channel.consume('tasker.take_out', () => {}, { exclusive: true });
  return () => connection.close();
}

it('the API is killed inside a stop: the next one goes on with it at once, whatever process it is', async () => {
  const project = randomUUID();
  await sendAll(project, '11.1.0.0/25');
  const letGo = await holdStops();
  const stop = api.get(`/tasks/${project}/stop-nmap`).catch(() => 'the API is gone');
  const lock = projectKeys(project).stopLock;
  await eventually('it has begun', () => installation.redis.exists(lock));
  await api.kill();
  expect(await stop).toBe('the API is gone');
  await letGo();

  api = await startTasker({ ...installation.env, ROLE: 'api' });
  expect((await api.get(`/tasks/${project}/stop-nmap`)).status).toBe(200);
  expect(await queueDepth(installation.vhost)).toBe(0);
  expect((await api.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(0);
  expect(await installation.redis.exists(STOPS_KEY, lock)).toBe(0);
});

it('a stop that another one keeps waiting for too long says so, and does not blame Redis', async () => {
  const project = randomUUID();
  await installation.redis.set(projectKeys(project).stopLock, 'somebody', 'EX', 300);
  const { status, body, headers } = await api.get(`/tasks/${project}/stop-nmap`);
  expect(status).toBe(503);
  expect(body.detail).toMatch(/^another stop of the project is under way/);
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
}, 90_000);

it('a stop that cannot be finished does not hold up those of other projects', async () => {
  const [held, other] = [randomUUID(), randomUUID()];
  await sendAll(other, '11.2.0.0/28');
  const { redis } = installation;
  // Its flow cannot be removed: a process has the root's lock. (Paused, so that the flow does not end by itself.)
  await redis.hset(queueKey('publish', 'meta'), 'paused', 1);
  const { body } = await api.post(`/tasks/${held}/run-nmap`, scan(['11.3.0.0/18']));
  const { id } = body.submission;
  const rootLock = queueKey('submission', `${id}-submission`, 'lock');
  await redis.set(rootLock, 'somebody');
  const stopped = await api.get(`/tasks/${held}/stop-nmap`);
  expect(stopped.status).toBe(503);
  expect(stopped.body.detail).toContain(`a job of submission ${id} that is still at work`);

  await redis.zadd(STOPS_KEY, Date.now(), other);
  await eventually('the other stop is finished', async () => {
    return (await redis.zscore(STOPS_KEY, other)) === null;
  });
  expect(await redis.zscore(STOPS_KEY, held)).not.toBeNull();
  await redis.del(rootLock);
  await redis.hdel(queueKey('publish', 'meta'), 'paused');
  await eventually('and this one too', async () => (await redis.zscore(STOPS_KEY, held)) === null);
  expect((await api.get(body.submission.href)).body.state).toBe('stopped');
}, 120_000);
