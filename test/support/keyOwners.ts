/** Who every key in Redis belongs to, and when it goes: the table "Owners" of ARCHITECTURE.md, and what it means. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

type Owned = (redis: Redis, key: string) => Promise<boolean>;

const openIds = async (redis: Redis) => new Set(await redis.hkeys('tasker:open'));
const allOpen = async (redis: Redis, ids: readonly string[]) => {
  const open = await openIds(redis);
  return ids.length > 0 && ids.every((id) => open.has(id));
};
const forever: Owned = async () => true;

/** The pattern of the keys, and whether one of them that has no expiry has an owner. */
const RULES: Readonly<Record<string, Owned>> = {
  'tasker:submission:{id}…': async (redis, key) => {
    const id = key.split(':')[2] ?? '';
    return (await openIds(redis)).has(id) && (await redis.exists(`tasker:submission:${id}`)) === 1;
  },
  'tasker:project:{P}:open': async (redis, key) => allOpen(redis, await redis.smembers(key)),
  'tasker:project:{P}:open-plans': async (redis, key) => allOpen(redis, await redis.smembers(key)),
  'tasker:project:{P}:submissions': async (redis, key) =>
    (await redis.exists(key.replace(/submissions$/, 'open'))) === 1,
  'tasker:project:{P}:plans': async (redis, key) =>
    (await redis.exists(key.replace(/plans$/, 'open-plans'))) === 1,
  'tasker:project:{P}:reservations': async (redis, key) => allOpen(redis, await redis.hkeys(key)),
  'tasker:project:{P}:exclusions': forever,
  'tasker:project:{P}:receipts': forever,
  'tasker:project:{P}:dispatch': forever,
  'tasker:project:{P}:exclusions-version': forever,
  'tasker:project:{P}:audit': forever,
  'tasker:project:{P}:webhooks': forever,
  'tasker:project:{P}:webhook-states': forever,
  'tasker:webhooks-due': forever,
  'tasker:dead-to-tell': forever,
  'tasker:audit': forever,
  'tasker:open': async (redis) => {
    for (const id of await openIds(redis))
      if ((await redis.exists(`tasker:submission:${id}`)) === 0) return false;
    return true;
  },
  'tasker:unfinished': async (redis, key) => {
    for (const id of await redis.hkeys(key))
      if ((await redis.exists(`tasker:submission:${id}`)) === 0) return false;
    return true;
  },
  'tasker:projects': forever,
  'tasker:stops': forever,
  'tasker:ending-plans': async (redis, key) => allOpen(redis, await redis.hkeys(key)),
  'tasker:rules-to-apply': forever,
  'tasker:open-receipts': forever,
  'tasker:installation-rules': forever,
  'tasker:limit-waits': forever,
  'tasker:starts': forever,
  'tasker:paused': forever,
  'tasker:pauses': forever,
  'tasker:cancels': forever,
  'tasker:published': forever,
  'tasker:task-counts': forever,
  'tasker:recalls': forever,
  'tasker:unanswered-pings': forever,
  'tasker:unknown-projects': async (redis, key) => {
    const open = new Set(await redis.hvals('tasker:open'));
    return (await redis.hkeys(key)).every((project) => open.has(project));
  },
  'tasker:static-token-sha256': forever,
  // A job that is not through belongs to a submission that is open; of those that are, the queue keeps some.
  'tasker:queue:{queue}…': async (redis, key) => {
    const [, , queue = '', job = ''] = key.split(':');
    if (queue === 'housekeeping' || !/^[0-9a-f-]{36}-/.test(job)) return true;
    if ((await redis.zscore(`tasker:queue:${queue}:completed`, job)) !== null) return true;
    return [...(await openIds(redis))].some((id) => job.startsWith(id));
  },
};

/** The keys that no rule speaks of, or that have neither an expiry nor an owner. */
export async function ownerless(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    if (isOfTheWorkers(key) || (await redis.pttl(key)) !== -1) continue;
    const rule = Object.entries(RULES).find(([pattern]) => matches(pattern, key));
    if (!rule || !(await rule[1](redis, key))) found.push(key);
  }
  return found.sort();
}

/** By contract; see workerKeys.ts. */
function isOfTheWorkers(key: string): boolean {
  return /^(?:lock|project|user|task|running|running_tool|worker):/.test(key);
}

function matches(pattern: string, key: string): boolean {
  const text = pattern
    .split(/(\{\w+\}|…)/)
    .map((part) => {
      if (part === '…') return '(?::.*)?';
      return part.startsWith('{') ? '[^:]+' : part;
    })
    .join('');
  return new RegExp(`^${text}$`).test(key);
}

export const RULE_PATTERNS = Object.keys(RULES);

/** The first column of the table. */
export function documentedPatterns(): string[] {
  const text = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const section = text.split('### Owners\n')[1]?.split('\n#')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `tasker:'))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}
