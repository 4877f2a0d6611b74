/**
 * The host names of a submission's addresses as text: buckets of some sixteen addresses, a line each: the address, a
 * blank, and the JSON list of its names, sorted. A field for each address would take three times as long to read and to
 * write.
 */
const BUCKET_SIZE = 16;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** By field, the bucket. `links`: (name, address) pairs of all. */
export function hostnameBuckets(
  hostnames: ReadonlyMap<string, readonly string[]>,
  links: number,
): Map<string, string> {
  const buckets = new Map<string, string>();
  for (const [address, names] of hostnames) {
    const field = bucketOf(address, links);
    const line = `${address} ["${names.join('","')}"]`;
    const bucket = buckets.get(field);
    buckets.set(field, bucket === undefined ? line : `${bucket}\n${line}`);
  }
  return buckets;
}

/** The field of an address. FNV-1a spreads addresses that lie side by side. */
export function bucketOf(address: string, links: number): string {
  let hash = FNV_OFFSET;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), FNV_PRIME);
  return `${links}:${(hash >>> 0) % Math.ceil(links / BUCKET_SIZE)}`;
}

/** Adds the addresses of a bucket, each with the JSON list of its names; see {@link namesIn}. */
export function readBucket(hostnames: Map<string, string>, bucket: string): void {
  for (const line of bucket.split('\n')) {
    const blank = line.indexOf(' ');
    hostnames.set(line.slice(0, blank), line.slice(blank + 1));
  }
}

/** A JSON list of some host names, which hold no quote. */
export function namesIn(text: string): string[] {
  return text.includes('","') ? text.slice(2, -2).split('","') : [text.slice(2, -2)];
}
