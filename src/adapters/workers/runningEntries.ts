/** The workers' running entries: which there are, and what stands in them. */
import type { Redis } from 'ioredis';
import { epochSeconds } from '../redis/epochSeconds.ts';
import { pages } from '../redis/pipeline.ts';
import { readEach } from './readEach.ts';
import { isTaskId, isWord, isWorkerName, LONGEST_ENTRY, MOST_ENTRY_BYTES } from './words.ts';

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

/** For SCAN. */
export const RUNNING_KEYS = 'running:task:*:host:*';
const KEY = /^running:task:([^:]+):host:(.+)$/;
/** Each may be long. */
const ENTRIES_AT_ONCE = 50;

/** undefined: the key is none of a running entry, or of a worker that cannot be. */
export function entryOf(key: string): RunningEntry | undefined {
  const [, task = '', host = ''] = KEY.exec(key) ?? [];
  return isTaskId(task) && isWorkerName(host) ? { key, task, host } : undefined;
}

/** Of one task with one worker that are read: it leaves one behind whenever it is killed. */
const MOST_LINES = 4;

/** When these entries say that their workers began the tasks. */
export async function startsIn(
  redis: Redis,
  keys: readonly string[],
): Promise<{ task: string; worker: string; at: number }[]> {
  const starts: { task: string; worker: string; at: number }[] = [];
  for (const page of pages(keys, ENTRIES_AT_ONCE)) {
    const read = await readEach(redis, page, LONGEST_ENTRY, ['LRANGE', 0, MOST_LINES - 1]);
    for (const [index, key] of page.entries()) {
      const { task, host } = entryOf(key) ?? {};
      if (task === undefined || host === undefined) continue;
      for (const { started_at: at } of (read[index] ?? []).flatMap(targetIn))
        if (at > 0) starts.push({ task, worker: host, at });
    }
  }
  return starts;
}

/** What is readable in these entries. */
export async function runningTargetsIn(redis: Redis, keys: readonly string[]): Promise<RunningTarget[]> {
  const targets: RunningTarget[] = [];
  let bytes = 0;
  for (const page of pages(keys, ENTRIES_AT_ONCE)) {
    if (bytes > MOST_ENTRY_BYTES) break;
    for (const [line = ''] of await readEach(redis, page, LONGEST_ENTRY, ['LINDEX', 0])) {
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
