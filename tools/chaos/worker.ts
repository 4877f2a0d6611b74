/**
 * A simulated worker as a process of its own that can be killed: it sends no packets, and writes down what it runs
 * before and after each task. CHAOS_RECORDS says where, CHAOS_WORKER its name; the rest are Tasker's variables.
 */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { keepConnected } from '../../src/adapters/rabbitmq/connection.ts';
import { keysLike } from '../../src/adapters/redis/keysLike.ts';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { messageOf } from '../../src/runtime/errors.ts';
import { createLog } from '../../src/runtime/log.ts';
import { consumeAsWorker } from '../simulatedWorker/queues.ts';
import { createScans, type Scans, type SimulatedTask } from '../simulatedWorker/scans.ts';
import { type Happened, openRecords } from './records.ts';

const SHORTEST_MS = 100;
const LONGEST_MS = 500;
const MOST_ENTRIES = 1_000;
/** What a worker says of itself; from the addresses set aside for documentation. */
const ADDRESS = '203.0.113.7';

const { env } = process;
const host = env.CHAOS_WORKER ?? '';
const log = createLog({ level: 'info', role: 'simulated worker' });
const records = openRecords(env.CHAOS_RECORDS ?? '');

const redis = new Redis({
  host: env.REDIS_HOST ?? '',
  port: Number(env.REDIS_PORT),
  db: Number(env.REDIS_DB),
  // Redis may be away when we come up, and longer than usual: nothing is lost by waiting for it.
  maxRetriesPerRequest: null,
});
redis.on('error', (error) => log.debug({ err: messageOf(error) }, 'Redis is away'));

/** Of the same address always the same. */
function scanMs({ ip }: SimulatedTask): number {
  const share = createHash('md5').update(ip).digest().readUInt16BE(0) / 2 ** 16;
  return Math.round(SHORTEST_MS + share * (LONGEST_MS - SHORTEST_MS));
}

const tasks = new Map<string, SimulatedTask>();

function note(what: Happened, id: string): void {
  const task = tasks.get(id);
  if (task === undefined) return;
  const { ip, project, ports } = task;
  records.write({ atMs: Date.now(), what, task: id, ip, project, ports, pid: process.pid });
}

function onBegin(task: SimulatedTask, id: string): void {
  tasks.set(id, task);
  note('begun', id);
}

const scans = createScans(redis, { host, scanMs, onBegin });
const recorded: Scans = {
  ...scans,
  async run(id, task) {
    const outcome = await scans.run(id, task);
    if (outcome === 'scanned' || outcome === 'cancelled') note(outcome, id);
    return outcome;
  },
};

/** What this worker left behind when it was killed: nothing of it runs any more. */
async function clearEarlierLife(): Promise<void> {
  const left = await keysLike(redis, `running:task:*:host:${host}`, MOST_ENTRIES);
  await redis.del(workerKeys.tool(host), ...left);
}

await clearEarlierLife();
keepConnected(
  {
    host: env.RABBITMQ_HOST ?? '',
    port: Number(env.RABBITMQ_PORT),
    user: env.RABBITMQ_USER ?? '',
    password: env.RABBITMQ_PASSWORD ?? '',
    vhost: env.RABBITMQ_VHOST ?? '',
  },
  log,
  (model, drop) =>
    consumeAsWorker(model, {
      host,
      scans: recorded,
      drop,
      updateIp: async () => {
        const last_updated = Math.floor(Date.now() / 1_000);
        await redis.hset(workerKeys.worker(host), { ip: ADDRESS, last_updated });
      },
      onTask: (_ip, id) => {
        note('acknowledged', id);
        tasks.delete(id);
      },
    }).then(() => true),
);
