import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueKey } from '../support/ownKeys.ts';
import { connectRabbit } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../support/tasker.ts';

let installation: Installation;
const processes: Tasker[] = [];

beforeAll(async () => {
  installation = await ownInstallation();
});

afterAll(async () => {
  await Promise.all(processes.map((tasker) => tasker.stop()));
  await installation?.drop();
});

it('the workers are asked once per installation, however many processes start', async () => {
  const connection = await connectRabbit(installation.vhost);
  const channel = await connection.createChannel();
  await channel.assertExchange('worker_service_broadcast', 'fanout', { durable: true });
  await channel.assertExchange('celery.pidbox', 'fanout', { durable: false });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'worker_service_broadcast', '');
  await channel.bindQueue(queue, 'celery.pidbox', '');
  const seen: string[] = [];
  await channel.consume(
    queue,
    (message) => {
      const method = /"method":"(\w+)"/.exec(message?.content.toString() ?? '')?.[1];
      seen.push(method ?? String(message?.properties.headers?.task));
    },
    { noAck: true },
  );

  const env = { ...installation.env, ROLE: 'jobs' };
  processes.push(...(await Promise.all([startTasker(env), startTasker(env), startTasker(env)])));
  // Both chores ran; each run of a chore is a job of the housekeeping queue, so a second one would be there too.
  await eventually('both were sent', () => seen.includes('ping') && seen.includes('worker.update_ip'));
  const names = await eventually('their jobs are completed', async () => {
    const ran = await installation.redis.zrange(queueKey('housekeeping', 'completed'), '0', '-1');
    const found = await Promise.all(
      ran.map((id) => installation.redis.hget(queueKey('housekeeping', id), 'name')),
    );
    return found.includes('ping') && found.includes('update_ip') && found;
  });
  expect(names.filter((name) => name === 'update_ip')).toHaveLength(1);
  expect(seen.filter((what) => what === 'worker.update_ip')).toHaveLength(1);
  expect(seen.filter((what) => what === 'ping')).toHaveLength(1);
  const waiting = await installation.redis.zrange(queueKey('housekeeping', 'delayed'), '0', '-1');
  expect(waiting.filter((id) => id.includes('update_ip'))).toHaveLength(1);
  expect(waiting.filter((id) => id.includes('ping'))).toHaveLength(1);
  await connection.close();
});
