/** The workers' running entries: which there are, and what stands in them. */
import type { Redis } from 'ioredis';
import { epochSeconds } from './epochSeconds.ts';
import { pages } from './pipeline.ts';
import { RedisScript } from './redisScript.ts';
import {
  isTaskId,
  isWord,
  isWorkerName,
  LONGEST_ENTRY,
  MOST_ENTRIES,
  MOST_ENTRY_BYTES,
} from './workerWords.ts';

export interface RunningEntry {
  key: string;
  task: string;
  host: string;
}

export interface RunningTarget {
  ip: string;
  hostnames: string[];
  worker: string;
  /** Epoch seconds; 0 when unknown. */
  started_at: number;
}

const KEY = /^running:task:([^:]+):host:(.+)$/;
const SCAN_COUNT = 1_000;
/** Each may be long. */
const ENTRIES_AT_ONCE = 50;

/**
 * The first line of each list, '' for one that is too long and for what is no list. KEYS lists. ARGV longest, in bytes.
 */
const FIRST_LINES = new RedisScript<string[]>(`
local lines = {}
for i, key in ipairs(KEYS) do
  local line = redis.pcall('LINDEX', key, 0)
  lines[i] = type(line) == 'string' and #line <= tonumber(ARGV[1]) and line or ''
end
return lines
`);

/** Keys like this pattern, each once, and so many at most. Looks at every key of the database. */
export async function* keysLike(redis: Redis, pattern: string, most: number): AsyncGenerator<string> {
  const found = new Set<string>();
  const stream = redis.scanStream({ match: pattern, count: SCAN_COUNT });
  for await (const keys of stream as AsyncIterable<string[]>) {
    for (const key of keys) {
      if (found.size >= most) return;
      if (found.has(key)) continue;
      found.add(key);
      yield key;
    }
  }
}

/** undefined: the key is none of a running entry, or of a worker that cannot be. */
export function entryOf(key: string): RunningEntry | undefined {
  const [, task = '', host = ''] = KEY.exec(key) ?? [];
  return isTaskId(task) && isWorkerName(host) ? { key, task, host } : undefined;
}

/** Those of one task, or of all, in the order of their keys. Looks at every key of the database. */
export async function runningEntries(redis: Redis, task = '*'): Promise<RunningEntry[]> {
  const entries: RunningEntry[] = [];
  for await (const key of keysLike(redis, `running:task:${task}:host:*`, MOST_ENTRIES)) {
    const entry = entryOf(key);
    if (entry) entries.push(entry);
  }
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What is readable in these entries. */
export async function runningTargetsIn(redis: Redis, keys: readonly string[]): Promise<RunningTarget[]> {
  const targets: RunningTarget[] = [];
  let bytes = 0;
  for (const page of pages(keys, ENTRIES_AT_ONCE)) {
    if (bytes > MOST_ENTRY_BYTES) break;
    for (const line of await FIRST_LINES.run(redis, page, [LONGEST_ENTRY])) {
      bytes += line.length;
      targets.push(...targetIn(line));
    }
  }
  return targets;
}

function targetIn(line: string): RunningTarget[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { ip, hostnames, worker, started_at } = value as Record<string, unknown>;
  if (!isWord(ip)) return [];
  const names = Array.isArray(hostnames) ? hostnames.filter(isWord) : [];
  return [
    {
      ip,
      hostnames: names,
      worker: isWord(worker) ? worker : 'unknown',
      started_at: epochSeconds(started_at),
    },
  ];
}
