import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { QUEUE_PREFIX } from '../../../src/adapters/redis/redis.ts';
import { createStores } from '../../../src/adapters/redis/stores.ts';
import type { HousekeepingServices } from '../../../src/jobs/chores/chores.ts';
import { runHousekeeping } from '../../../src/jobs/chores/housekeeping.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { connectedBroker, linesLog } from '../../support/broker.ts';
import { eventually, ownRedisDb, ownVhost, services } from '../../support/services.ts';

/** No chore has long work. */
const NO_THREADS = new Compute();

/** Chores that find nothing to do. */
function idle(redis: Redis, broker: Broker): HousekeepingServices {
  const nothing = async () => {};
  return {
    broker,
    ...createStores(redis, NO_THREADS),
    directory: undefined,
    stopProject: nothing,
    finishStops: nothing,
    finishPauses: nothing,
    keepOut: nothing,
    sendAgain: nothing,
    followScans: nothing,
    callWebhooks: nothing,
    healLost: nothing,
    buryDead: nothing,
    recallTasks: nothing,
    resumeFlows: nothing,
    log: linesLog().log,
  };
}

it('the chores are scheduled again when Redis was emptied, and what is scheduled is not shifted', async () => {
  const redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  const { vhost, drop } = await ownVhost();
  const broker = await connectedBroker(vhost);
  const queue = new Queue('housekeeping', { connection: redis, prefix: QUEUE_PREFIX });
  const { log, lines } = linesLog();
  const housekeeping = await runHousekeeping(redis, { ...idle(redis, broker), log }, 50);
  const scheduled = async () =>
    new Map((await queue.getJobSchedulers()).map(({ key, next }) => [key, next] as const));
  const again = () => lines.filter((line) => line.includes('scheduled again')).length;
  try {
    const before = await scheduled();
    expect([...before.keys()].sort()).toEqual([
      'bury_dead',
      'call_webhooks',
      'finish_pauses',
      'finish_stops',
      'follow_scans',
      'forget_gone_workers',
      'heal_lost',
      'keep_out',
      'note_dispatch',
      'pause_unknown_projects',
      'ping',
      'recall_tasks',
      'resume_flows',
      'send_again',
      'update_ip',
    ]);

    await redis.flushdb();
    await eventually('all are scheduled again', async () => (await scheduled()).size === before.size);
    await eventually('the workers are asked at once', async () => {
      const ran = await queue.getCompleted();
      return ran.some(({ name }) => name === 'ping');
    });

    const next = (await scheduled()).get('update_ip');
    const told = again();
    await queue.removeJobScheduler('resume_flows');
    await eventually('the missing one is scheduled', async () => (await scheduled()).has('resume_flows'));
    await eventually('it is logged', () => again() > told);
    expect((await scheduled()).get('update_ip')).toBe(next);
  } finally {
    await housekeeping.close();
    await queue.close();
    redis.disconnect();
    await broker.close();
    await drop();
  }
});

/** How often stops are finished. */
const EVERY_MS = 5_000;

it('the chores go on soon after Redis was full', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tasker-full-'));
  const server = await startRedis({ directory });
  const redis = new Redis({ host: server.host, port: server.port, maxRetriesPerRequest: null });
  const { vhost, drop } = await ownVhost();
  const broker = await connectedBroker(vhost);
  const queue = new Queue('housekeeping', { connection: redis, prefix: QUEUE_PREFIX });
  let runs = 0;
  let lastRunAt = 0;
  const housekeeping = await runHousekeeping(redis, {
    ...idle(redis, broker),
    async finishStops() {
      runs++;
      lastRunAt = Date.now();
    },
  });
  try {
    await eventually('it runs', () => runs > 0);
    await redis.config('SET', 'maxmemory', '1');
    const stuck = async () => Date.now() - lastRunAt > 2 * EVERY_MS && (await queue.getActiveCount()) > 0;
    await eventually('Redis lets no chore end', stuck, 60_000);
    await redis.config('SET', 'maxmemory', '0');
    const before = runs;
    await eventually('it runs again', () => runs > before);
    await eventually('and again', () => runs > before + 1);
  } finally {
    await housekeeping.close();
    await queue.close();
    redis.disconnect();
    await server.stop();
    await broker.close();
    await drop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 150_000);
