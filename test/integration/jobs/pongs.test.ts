/** Answers to pings that cannot be noted are told, and nobody else's is lost by them. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UNANSWERED_PINGS_KEY } from '../../../src/adapters/redis/keys.ts';
import { MOST_WORKERS } from '../../../src/adapters/workers/words.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { notePongs } from '../../../src/jobs/chores/pingWorkers.ts';
import { linesLog } from '../../support/broker.ts';
import { createScene, type Scene } from '../../support/brokerScene.ts';
import { connectRabbit } from '../../support/scanQueue.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

let scene: Scene;
let redis: Redis;
beforeAll(async () => {
  scene = await createScene();
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(async () => {
  redis?.disconnect();
  await scene?.close();
});

it('one worker more than are noted, and a pong while Redis is away, are told in the log', async () => {
  const broker = await scene.broker();
  const { log, lines } = linesLog();
  notePongs(broker, new WorkerStore(redis), log);
  const connection = await connectRabbit(scene.vhost);
  const channel = await connection.createChannel();
  const pong = (host: string) =>
    channel.publish(
      'reply.celery.pidbox',
      broker.replyKey,
      Buffer.from(`{"nmap_scan_queue@${host}":{"ok":"pong"}}`),
    );
  const told = (text: string) => () => lines.some((line) => line.includes(text));

  pong('scan-1');
  await eventually('it is noted', async () => redis.hexists(UNANSWERED_PINGS_KEY, 'scan-1'));
  const others = Array.from({ length: MOST_WORKERS }, (_, nth) => [`other-${nth}`, '0']);
  await redis.hset(UNANSWERED_PINGS_KEY, Object.fromEntries(others));
  pong('one-too-many');
  await eventually('it is told', told('too many workers'));
  expect(await redis.hexists(UNANSWERED_PINGS_KEY, 'one-too-many')).toBe(0);
  redis.disconnect();
  pong('scan-1');
  await eventually('it is told', told('could not be noted'));
  await connection.close();
});
