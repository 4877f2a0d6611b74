import type { Redis } from 'ioredis';
import { rabbitmqVersion } from '../adapters/rabbitmq/version.ts';
import { checkWrites, memoryWarnings } from '../adapters/redis/health.ts';
import { connectRedis, untilReady } from '../adapters/redis/redis.ts';
import { connectionTrouble } from '../adapters/tls/trouble.ts';
import { StartStore } from '../adapters/workers/startStore.ts';
import type { Config } from '../config/config.ts';
import { createLog } from '../runtime/log.ts';
import { type Finding, ok } from './finding.ts';
import { longScansFinding } from './longScans.ts';
import { checkRabbitmq } from './rabbitmq.ts';
import { checkRedis } from './redis.ts';

/** How long a store has to let us in. */
const CONNECT_MS = 5_000;

/** For connections of which only the findings are told. */
export const silentLog = createLog({ level: 'silent', role: 'checks' });

/** What is found on a connection of its own. Rejects with the reason when the store cannot be used at all. */
export type Look = (config: Config) => Promise<Finding[]>;

export const lookAtRedis: Look = async ({ redis: config }) => {
  const redis = connectRedis(config, 'request', silentLog);
  const failed = new Promise<never>((_, reject) => {
    redis.once('error', (error: unknown) => {
      reject(new Error(connectionTrouble(error, 'REDIS', config.tls)));
    });
  });
  try {
    await Promise.race([untilReady(redis, CONNECT_MS), failed]);
    await checkWrites(redis);
    return [
      ok('Redis', 'answers and takes writes'),
      ...(await memory(redis)),
      ...(await checkRedis(redis)),
      longScansFinding(await new StartStore(redis).all(), Date.now() / 1_000),
    ];
  } finally {
    redis.disconnect();
  }
};

async function memory(redis: Redis): Promise<Finding[]> {
  const warnings = await memoryWarnings(redis).catch(() => []); // who may not ask gets no warning
  return warnings.map(({ message }) => {
    const [found = '', todo = ''] = message.split(': ');
    return { what: 'Redis memory', state: 'warning', found, todo };
  });
}

export const lookAtRabbitmq: Look = async ({ rabbitmq }) => [
  ok('RabbitMQ', 'answers and lets us in'),
  ...checkRabbitmq(await rabbitmqVersion(rabbitmq)),
];
