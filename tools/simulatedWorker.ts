/**
 * A worker that sends no packets: it takes scan tasks, waits, and does with RabbitMQ and Redis what a worker does.
 *
 *     SCAN_MS=200 WORKER_HOSTNAME=sim-1 npx tsx tools/simulatedWorker.ts
 *
 * REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, REDIS_DB and RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_USER,
 * RABBITMQ_PASSWORD, RABBITMQ_VHOST say where; WORKER_HOSTNAME what it goes by; SCAN_MS how long a scan takes.
 */
import { hostname } from 'node:os';
import { Redis } from 'ioredis';
import { keepConnected } from '../src/adapters/rabbitmq/connection.ts';
import { workerKeys } from '../src/adapters/workers/keys.ts';
import { messageOf } from '../src/runtime/errors.ts';
import { createLog } from '../src/runtime/log.ts';
import { consumeAsWorker } from './simulatedWorker/queues.ts';
import { createScans } from './simulatedWorker/scans.ts';

/** What a worker says of itself; from the addresses set aside for documentation. */
const ADDRESS = '203.0.113.7';
const EXIT_MS = 1_500;

const { env } = process;
const host = env.WORKER_HOSTNAME ?? hostname();
const log = createLog({ level: env.LOG_LEVEL ?? 'info', role: 'simulated worker' });

const redis = new Redis({
  host: env.REDIS_HOST ?? '127.0.0.1',
  port: Number(env.REDIS_PORT ?? 6379),
  db: Number(env.REDIS_DB ?? 3),
  ...(env.REDIS_PASSWORD ? { password: env.REDIS_PASSWORD } : {}),
});
redis.on('error', (error) => log.debug({ err: messageOf(error) }, 'Redis is away'));

const scans = createScans(redis, { host, scanMs: Number(env.SCAN_MS ?? 200) });
const rabbitmq = {
  host: env.RABBITMQ_HOST ?? '127.0.0.1',
  port: Number(env.RABBITMQ_PORT ?? 5672),
  user: env.RABBITMQ_USER ?? 'guest',
  password: env.RABBITMQ_PASSWORD ?? 'guest',
  vhost: env.RABBITMQ_VHOST ?? '/',
};
const link = keepConnected(rabbitmq, log, (model, drop) =>
  consumeAsWorker(model, {
    host,
    scans,
    drop,
    updateIp: async () => {
      await redis.hset(workerKeys.worker(host), {
        ip: ADDRESS,
        last_updated: Math.floor(Date.now() / 1_000),
      });
    },
    onTask: (ip, id, outcome) => process.stdout.write(`${outcome} ${ip} ${id}\n`),
  }).then(() => true),
);

async function end(): Promise<void> {
  setTimeout(() => process.exit(1), EXIT_MS).unref();
  scans.interrupt();
  await link.close();
  await redis.quit();
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
