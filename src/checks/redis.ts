import type { Redis } from 'ioredis';
import { timeOf } from '../adapters/redis/sharedClock.ts';
import { messageOf } from '../runtime/errors.ts';
import { type Finding, isOlder, ok } from './finding.ts';

/** Scripts say in their first line that they may run when Redis is full: older ones do not know such lines. */
const LEAST_VERSION = '7.0';
/** Longest difference that hurts nobody: messages to workers are good for some seconds. */
const CLOCK_MS = 2_000;

/** What has to be said of a Redis that answers. Asks with INFO and TIME; managed ones forbid CONFIG. */
export async function checkRedis(redis: Redis): Promise<Finding[]> {
  const info = await redis.info().catch((error: unknown) => {
    if (/^(NOPERM|ERR unknown command)/.test(messageOf(error))) return '';
    throw error;
  });
  const askedMs = Date.now();
  const redisMs = timeOf(await redis.time());
  return [...infoFindings(info), clockFinding(askedMs, redisMs, Date.now())];
}

type Info = ReadonlyMap<string, string>;

/** `text` is the answer to INFO; empty when this user may not ask. */
export function infoFindings(text: string): Finding[] {
  const lines = text.matchAll(/^(\w+):(.*?)\r?$/gm);
  const info = new Map(Array.from(lines, ([, name = '', value = '']) => [name, value]));
  return [redisVersion(info), redisEviction(info), redisAof(info)];
}

function untold(what: string, todo: string): Finding {
  return { what, state: 'unknown', found: 'this Redis does not tell its clients', todo };
}

function redisVersion(info: Info): Finding {
  const what = 'Redis version';
  const version = info.get('redis_version') ?? '';
  const todo = `run Redis ${LEAST_VERSION} or newer`;
  const older = isOlder(version, LEAST_VERSION);
  if (older === undefined) return untold(what, todo);
  return older ? { what, state: 'broken', found: version, todo } : ok(what, version);
}

function redisEviction(info: Info): Finding {
  const what = 'Redis eviction';
  const policy = info.get('maxmemory_policy');
  const todo = 'set "maxmemory-policy noeviction" in redis.conf, or in the parameters of your provider';
  if (policy === undefined) return untold(what, todo);
  if (policy === 'noeviction') return ok(what, policy);
  return {
    ...{ what, state: 'warning', todo },
    found: `maxmemory-policy is ${policy}: when Redis is full it drops keys, and tasks with them`,
  };
}

function redisAof(info: Info): Finding {
  const what = 'Redis persistence';
  const enabled = info.get('aof_enabled');
  const todo = 'set "appendonly yes" in redis.conf, or in the parameters of your provider';
  if (enabled === undefined) return untold(what, todo);
  if (enabled === '1') return ok(what, 'appendonly yes');
  return {
    ...{ what, state: 'warning', todo },
    found: 'appendonly is no: when Redis ends, scans and exclusions since its last snapshot are lost',
  };
}

/** Epoch milliseconds: Redis told its time somewhere between the two others. */
export function clockFinding(askedMs: number, redisMs: number, answeredMs: number): Finding {
  const what = 'clock';
  const differenceMs = Math.max(askedMs - redisMs, redisMs - answeredMs, 0);
  const found = `differs from the clock of Redis by ${(differenceMs / 1_000).toFixed(1)} s`;
  if (differenceMs <= CLOCK_MS) return ok(what, found);
  return { what, state: 'warning', found, todo: 'let NTP set the clocks of both machines' };
}
