import { Redis } from 'ioredis';
import type { RedisConfig } from '../config.ts';
import { AwayError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';

/** All keys that are Tasker's alone begin with this; the worker's keys (workerKeys.ts) do not. */
export const KEY_PREFIX = 'tasker';
/** BullMQ's keys, apart from ours. */
export const QUEUE_PREFIX = `${KEY_PREFIX}:queue`;

/**
 * - `request`: somebody waits for the answer, so a Redis that is away is an error at once
 * - `worker`: nobody waits, so commands queue up until Redis is back (BullMQ workers need this)
 */
export type ConnectionUse = 'request' | 'worker';

/** How long a call for somebody who waits may take before Redis counts as away. */
export const SHORT_CALL_MS = 1_900;
/** The same for any single command, so that nothing waits for ever for a Redis that is silent. */
const COMMAND_TIMEOUT_MS = 10_000;
const RECONNECT_MAX_DELAY_MS = 1_000;

/** Opens a connection that heals itself. It never rejects: a Redis that is away shows in the commands. */
export function connectRedis(config: RedisConfig, use: ConnectionUse, log: Logger): Redis {
  const redis = new Redis({
    host: config.host,
    port: config.port,
    db: config.db,
    ...(config.password === undefined ? {} : { password: config.password }),
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MAX_DELAY_MS),
    ...(use === 'request'
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS }
      : { maxRetriesPerRequest: null }),
  });
  logOutages(redis, log);
  return redis;
}

/** One line when the connection is lost and one when it is back, not one for each attempt in between. */
function logOutages(redis: Redis, log: Logger): void {
  let away = false;
  redis.on('error', (error: unknown) => {
    if (!away) log.error({ err: messageOf(error) }, 'redis does not answer; trying again until it does');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('redis answers again');
    away = false;
  });
}

/** Waits until the connection is usable, or throws an AwayError after `timeoutMs`. */
export async function untilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const onReady = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off('ready', onReady);
      reject(new AwayError('redis', `redis does not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    redis.once('ready', onReady);
  });
}

/** Replies that Redis itself sends while it cannot serve: starting, out of memory, or no longer the master. */
const NOT_SERVING = /^(LOADING|OOM|READONLY|MASTERDOWN|MISCONF|BUSY|CLUSTERDOWN)\b/;
const CONNECTION_TROUBLE =
  /Connection is closed|writeable|max retries per request|Command timed out|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND/i;

/** Whether an error says that Redis is away, rather than that the command was wrong. */
export function saysRedisIsAway(error: unknown): boolean {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  return (isReply ? NOT_SERVING : CONNECTION_TROUBLE).test(messageOf(error));
}

/**
 * Runs a Redis call; whatever says "Redis is away" becomes an AwayError, everything else passes.
 *
 * @param limitMs after which a silent Redis counts as away; the call itself goes on and its outcome is dropped.
 * Infinity for calls that wait for something else than Redis.
 */
export async function redisCall<T>(call: () => Promise<T>, limitMs = SHORT_CALL_MS): Promise<T> {
  try {
    return await (limitMs === Number.POSITIVE_INFINITY ? call() : within(limitMs, call()));
  } catch (error) {
    if (error instanceof AwayError || !saysRedisIsAway(error)) throw error;
    throw new AwayError('redis', `redis does not answer (${messageOf(error)})`, { cause: error });
  }
}

async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new AwayError('redis', `redis does not answer within ${limitMs} ms`));
    // When it was we who stood still, the answer has been there for long: it is read before an immediate runs.
    timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
