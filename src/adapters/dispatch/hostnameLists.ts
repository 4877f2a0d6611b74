/** The host names of a submission's addresses in Redis: a hash of buckets, see hostnameBuckets.ts. */
import type { Redis } from 'ioredis';
import { bucketOf, namesIn, readBucket } from '../../targets/hostnameBuckets.ts';
import { submissionKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { pairsOf } from '../redis/readAtOnce.ts';

/** Buckets read or written at once. */
const AT_ONCE = 500;

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
  const fields = new Set(addresses.map((address) => bucketOf(address, links)));
  for (const some of pages([...fields], AT_ONCE))
    for (const bucket of await redis.hmget(key, ...some)) if (bucket !== null) readBucket(known, bucket);
  return new Map(
    addresses.flatMap((address): [string, string[]][] => {
      const names = known.get(address);
      return names === undefined ? [] : [[address, namesIn(names)]];
    }),
  );
}

/** Those of all addresses that have some, as JSON lists; see {@link namesIn}. */
export async function readHostnames(redis: Redis, owner: HostnamesOwner): Promise<Map<string, string>> {
  const hostnames = new Map<string, string>();
  for await (const bucket of bucketsOf(redis, owner)) readBucket(hostnames, bucket);
  return hostnames;
}

/** The addresses with a name that contains `part`, in no order. One bucket after the other is looked at, and none kept. */
export async function addressesNamed(
  redis: Redis,
  owner: HostnamesOwner,
  part: string,
): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const bucket of bucketsOf(redis, owner)) {
    if (!bucket.includes(part)) continue;
    const hostnames = new Map<string, string>();
    readBucket(hostnames, bucket);
    for (const [address, names] of hostnames) if (names.includes(part)) found.add(address);
  }
  return found;
}

async function* bucketsOf(redis: Redis, { id, links }: HostnamesOwner): AsyncGenerator<string> {
  if (links === 0) return;
  const stream = redis.hscanStream(submissionKeys(id).hostnames, { count: AT_ONCE });
  for await (const fields of stream as AsyncIterable<string[]>)
    for (const [field, bucket] of pairsOf(fields)) if (field.startsWith(`${links}:`)) yield bucket;
}

export async function writeHostnames(
  redis: Redis,
  id: string,
  buckets: ReadonlyMap<string, string>,
): Promise<void> {
  const { hostnames: key } = submissionKeys(id);
  for (const some of pages([...buckets], AT_ONCE)) await redis.hset(key, ...some.flat());
}
