import { join } from 'node:path';
import type { RabbitmqConfig, RedisConfig } from '../../src/config/config.ts';
import { messageOf } from '../../src/runtime/errors.ts';
import { canInstall, installMissing, missing, type Program } from '../services/install.ts';
import { rabbitmqTraffic, startRabbitmq } from '../services/rabbitmq.ts';
import { pingRedis, startRedis } from '../services/redis.ts';
import { composeRabbitmq, composeRedis, hasCompose } from './compose.ts';
import type { Closing, Found } from './run.ts';

/** The Redis of the configuration, if something answers there; else one of our own. */
export async function findRedis(wanted: RedisConfig, run: Closing): Promise<Found<RedisConfig>> {
  const at = `${wanted.host}:${wanted.port}`;
  if (
    await answers(
      () => pingRedis(wanted),
      (message) => redisFault(at, wanted.db, message),
    )
  )
    return { ...wanted, found: `found at ${at}, database ${wanted.db}` };
  if ((await wayToStart('redis')) === 'compose') return composeRedis(run);
  const server = await startRedis({ directory: join(run.directory, 'redis'), databases: 16 });
  run.closers.push(server.stop);
  return { host: server.host, port: server.port, db: 3, found: `started at ${server.host}:${server.port}` };
}

/** The RabbitMQ of the configuration, if something answers there; else one of our own. */
export async function findRabbitmq(wanted: RabbitmqConfig, run: Closing): Promise<Found<RabbitmqConfig>> {
  const at = `${wanted.host}:${wanted.port}`;
  const refuseTraffic = async () => {
    const { consumers, messages } = await rabbitmqTraffic(wanted);
    if (consumers + messages > 0) throw new Error(`${consumers} workers and ${messages} tasks`);
  };
  if (await answers(refuseTraffic, (message) => rabbitmqFault(at, wanted.vhost, message)))
    return { ...wanted, found: `found at ${at}, virtual host ${wanted.vhost}` };
  if ((await wayToStart('rabbitmq')) === 'compose') return composeRabbitmq(run);
  const server = await startRabbitmq({ directory: join(run.directory, 'rabbitmq') });
  run.closers.push(server.kill); // its data is thrown away, and stopping takes it seconds
  const { host, port, user, password } = server;
  return { host, port, user, password, vhost: '/', found: `started at ${host}:${port}` };
}

const NOBODY = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** False when nobody is there. Throws when somebody is there who does not let us in. */
async function answers(probe: () => Promise<void>, fault: (message: string) => string): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const message = messageOf(error);
    if (NOBODY.some((name) => code === name || message.includes(name))) return false;
    throw new Error(fault(message));
  }
}

function redisFault(at: string, db: number, message: string): string {
  if (/NOAUTH|WRONGPASS|invalid password/i.test(message))
    return `The Redis at ${at} is protected: set REDIS_PASSWORD, or REDIS_PORT to a port without a Redis.`;
  if (/DB index/i.test(message))
    return `The Redis at ${at} has no database ${db}: set REDIS_DB to one it has, or REDIS_PORT to a port without a Redis.`;
  return `What answers at ${at} is no usable Redis (${message}): set REDIS_HOST and REDIS_PORT.`;
}

function rabbitmqFault(at: string, vhost: string, message: string): string {
  const elsewhere = 'or RABBITMQ_PORT to a port without a RabbitMQ';
  if (/ACCESS.REFUSED/i.test(message))
    return `The RabbitMQ at ${at} refuses the user: set RABBITMQ_USER and RABBITMQ_PASSWORD, ${elsewhere}.`;
  if (/NOT.ALLOWED|NOT.FOUND|ConnectionOpenOk/i.test(message))
    return `The RabbitMQ at ${at} has no virtual host "${vhost}" for us: set RABBITMQ_VHOST, ${elsewhere}.`;
  if (/workers and/.test(message))
    return `The RabbitMQ at ${at} is in use (${message}), and the sample scan is only for the simulated worker: set RABBITMQ_VHOST, ${elsewhere}.`;
  return `What answers at ${at} is no usable RabbitMQ (${message}): set RABBITMQ_HOST and RABBITMQ_PORT.`;
}

/** How a server of our own can come up. Throws one line that says what to install when it cannot. */
async function wayToStart(program: Program): Promise<'binary' | 'compose'> {
  if (missing([program]).length > 0 && !canInstall() && hasCompose()) return 'compose';
  await installMissing([program]);
  return 'binary';
}
