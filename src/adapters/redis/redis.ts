import { Redis } from 'ioredis';
import pTimeout from 'p-timeout';
import type { RedisConfig } from '../../config/config.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { connectionTrouble } from '../tls/trouble.ts';
import { KEY_PREFIX } from './keys.ts';
import { ALSO_WHEN_FULL } from './script.ts';

/** BullMQ's keys, apart from ours. */
export const QUEUE_PREFIX = `${KEY_PREFIX}:queue`;

/**
 * - `request`: somebody waits for the answer, so a Redis that is away is an error at once
 * - `worker`: nobody waits, so commands queue up until Redis is back (BullMQ workers need this)
 */
export type ConnectionUse = 'request' | 'worker';

/** A call for somebody who waits may be silent for this long; then Redis is asked whether it is there. */
const SILENCE_MS = 1_000;
/** How long it has to say so. Together below the 2 s in which a caller is told that Redis is away. */
const PING_MS = 500;
/** The limit of any single command, so that nothing waits for ever. */
const COMMAND_TIMEOUT_MS = 10_000;
const RECONNECT_MAX_DELAY_MS = 1_000;

/** Opens a connection that heals itself. It never rejects: a Redis that is away shows in the commands. */
export function connectRedis(config: RedisConfig, use: ConnectionUse, log: Logger): Redis {
  const redis = new Redis({
    ...placeOf(config),
    // A server that has become a replica: its master is elsewhere by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MAX_DELAY_MS),
    ...(use === 'request'
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS }
      : { maxRetriesPerRequest: null }),
  });
  pauseAlsoWhenFull(redis);
  logOutages(redis, config, log);
  return redis;
}

/** How {@link RedisConfig} is said to ioredis. */
function placeOf({ host, port, db, user, password, tls, sentinel }: RedisConfig) {
  return {
    db,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
    ...(sentinel
      ? {
          sentinels: sentinel.servers,
          name: sentinel.name,
          ...(sentinel.password !== undefined && { sentinelPassword: sentinel.password }),
          ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
        }
      : { host, port }),
  };
}

/** BullMQ brings its scripts along. Those that pause a queue and remove jobs must work also when Redis is full. */
function pauseAlsoWhenFull(redis: Redis): void {
  const define = redis.defineCommand.bind(redis);
  redis.defineCommand = (name, { lua, ...rest }) =>
    define(name, { ...rest, lua: /^(pause|removeJob):/.test(name) ? ALSO_WHEN_FULL + lua : lua });
}

/** One line when the connection is lost and one when it is back, not one for each attempt in between. */
function logOutages(redis: Redis, config: RedisConfig, log: Logger): void {
  let away = false;
  redis.on('error', (error: unknown) => {
    if (!away)
      log.error(
        { err: connectionTrouble(error, 'REDIS', config.tls) },
        'redis does not answer; trying again until it does',
      );
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('redis answers again');
    away = false;
  });
}

/** Waits until the connection is usable, or throws a ServiceUnavailableError after `timeoutMs`. */
export async function untilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const message = new ServiceUnavailableError('redis', `redis does not answer within ${timeoutMs} ms`);
  await pTimeout(new Promise((resolve) => redis.once('ready', resolve)), {
    milliseconds: timeoutMs,
    message,
  });
}

/**
 * Replies that Redis itself sends while it cannot serve: starting, out of memory, no longer the master, or without the
 * scripts that it was told a minute ago.
 */
const NOT_SERVING = /^(LOADING|OOM|READONLY|MASTERDOWN|MISCONF|BUSY|CLUSTERDOWN|NOSCRIPT)\b/;
const CONNECTION_TROUBLE =
  /Connection is closed|writeable|max retries per request|Command timed out|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND/i;

/** Whether an error says that Redis is away, rather than that the command was wrong. */
export function saysRedisIsAway(error: unknown): boolean {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  if (!isReply) return CONNECTION_TROUBLE.test(messageOf(error));
  // A transaction says only that it was given up; why, say the replies to its commands.
  if ('previousErrors' in error && Array.isArray(error.previousErrors))
    return error.previousErrors.some(saysRedisIsAway);
  return isRefusal(error.message);
}

/** Whether this is the text of a reply with which Redis refuses whatever it is asked. */
export function isRefusal(reply: string): boolean {
  return NOT_SERVING.test(reply);
}

/** Runs a Redis call; whatever says "Redis is away" becomes a ServiceUnavailableError, everything else passes. */
export async function redisCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceUnavailableError || !saysRedisIsAway(error)) throw error;
    throw new ServiceUnavailableError('redis', `redis does not answer (${messageOf(error)})`, {
      cause: error,
    });
  }
}

/**
 * {@link redisCall} for somebody who waits: a Redis that is silent is away after {@link SILENCE_MS} and
 * {@link PING_MS}. One that is only slow, or a machine that is, gets its time: it answers the ping.
 */
export function promptRedisCall<T>(redis: Redis, call: () => Promise<T>): Promise<T> {
  return redisCall(async () => {
    const answer = call().then((value) => ({ value }));
    for (;;) {
      const outcome = await pTimeout(answer, { milliseconds: SILENCE_MS, message: false });
      if (outcome) return outcome.value;
      const message = new ServiceUnavailableError('redis', `redis is silent for ${SILENCE_MS + PING_MS} ms`);
      await pTimeout(redis.ping(), { milliseconds: PING_MS, message });
    }
  });
}
