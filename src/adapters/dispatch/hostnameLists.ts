/**
 * The host names of a submission's addresses: a hash of buckets. A bucket holds some sixteen addresses, a line each:
 * the address, a blank, and the JSON list of its names, sorted. A field for each address would take three times as long
 * to read and to write.
 */
import type { Redis } from 'ioredis';
import { inTurns, othersTurn } from '../../runtime/turns.ts';
import { submissionKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';

const BUCKET_SIZE = 16;
/** Buckets read or written between two places where others have their turn: a millisecond or two. */
const AT_ONCE = 500;
const ADDRESSES_PER_STEP = 2_048;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Whose they are. */
export interface HostnamesOwner {
  /** Of the submission. */
  id: string;
  /**
   * Its (name, address) pairs. The number of buckets follows from it, and it begins the name of each, so
   * that what an earlier try of dedup found otherwise is not mixed up with this.
   */
  links: number;
}

/** Those of some addresses; addresses without a name are missing. */
export async function readHostnamesOf(
  redis: Redis,
  { id, links }: HostnamesOwner,
  addresses: readonly string[],
): Promise<Map<string, string[]>> {
  const { hostnames: key } = submissionKeys(id);
  const known = new Map<string, string>();
  if (links === 0) return new Map();
  const fields = new Set(addresses.map((address) => fieldOf(address, links)));
  for (const some of pages([...fields], AT_ONCE))
    for (const bucket of await redis.hmget(key, ...some)) if (bucket !== null) addLines(known, bucket);
  return new Map(
    addresses.flatMap((address): [string, string[]][] => {
      const names = known.get(address);
      return names === undefined ? [] : [[address, namesIn(names)]];
    }),
  );
}

/** FNV-1a spreads addresses that lie side by side. */
function fieldOf(address: string, links: number): string {
  let hash = FNV_OFFSET;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), FNV_PRIME);
  return `${links}:${(hash >>> 0) % Math.ceil(links / BUCKET_SIZE)}`;
}

function addLines(hostnames: Map<string, string>, bucket: string): void {
  for (const line of bucket.split('\n')) {
    const blank = line.indexOf(' ');
    hostnames.set(line.slice(0, blank), line.slice(blank + 1));
  }
}

/** A JSON list of some host names, which hold no quote. */
export function namesIn(text: string): string[] {
  return text.includes('","') ? text.slice(2, -2).split('","') : [text.slice(2, -2)];
}

/** Those of all addresses that have some, as JSON lists; see {@link namesIn}. */
export async function readHostnames(
  redis: Redis,
  { id, links }: HostnamesOwner,
): Promise<Map<string, string>> {
  const { hostnames: key } = submissionKeys(id);
  const hostnames = new Map<string, string>();
  if (links === 0) return hostnames;
  for (let cursor = '0'; ; ) {
    const [next, fields] = await redis.hscan(key, cursor, 'COUNT', AT_ONCE);
    for (let at = 0; at + 1 < fields.length; at += 2)
      if (fields[at]?.startsWith(`${links}:`)) addLines(hostnames, fields[at + 1] ?? '');
    if (next === '0') return hostnames;
    cursor = next;
    await othersTurn();
  }
}

export async function writeHostnames(
  redis: Redis,
  { id, links }: HostnamesOwner,
  hostnames: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const { hostnames: key } = submissionKeys(id);
  const buckets = await inTurns(bucketsInSteps(hostnames, links));
  for (const some of pages([...buckets], AT_ONCE)) {
    await redis.hset(key, ...some.flat());
    await othersTurn();
  }
}

function* bucketsInSteps(
  hostnames: ReadonlyMap<string, readonly string[]>,
  links: number,
): Generator<undefined, Map<string, string>> {
  const buckets = new Map<string, string>();
  let seen = 0;
  for (const [address, names] of hostnames) {
    if (++seen % ADDRESSES_PER_STEP === 0) yield;
    const field = fieldOf(address, links);
    const line = `${address} ["${names.join('","')}"]`;
    const bucket = buckets.get(field);
    buckets.set(field, bucket === undefined ? line : `${bucket}\n${line}`);
  }
  return buckets;
}
