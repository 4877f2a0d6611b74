/** Long JSON out of Redis, parsed in steps: each `yield` is a place where others may have their turn. */
import type { ResolvedName } from './submission.ts';

/** Text of a list of names that is parsed at once: a millisecond or so. */
const STEP_CHARACTERS = 65_536;
const HOSTNAMES_PER_STEP = 4_000;

/** Chunks of names with what they came to, one after the other. */
export function* chunksInSteps(chunks: readonly string[]): Generator<undefined, ResolvedName[]> {
  const resolved: ResolvedName[] = [];
  for (const text of chunks) {
    for (const pair of JSON.parse(text) as ResolvedName[]) resolved.push(pair);
    yield;
  }
  return resolved;
}

/** The pairs of a hash (field, value, field, value ...) as a map: formatted address -> JSON list of its host names. */
export function* hostnamesInSteps(pairs: readonly string[]): Generator<undefined, Map<string, string>> {
  const hostnames = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) {
    hostnames.set(pairs[at] ?? '', pairs[at + 1] ?? '');
    if (hostnames.size % HOSTNAMES_PER_STEP === 0) yield;
  }
  return hostnames;
}

/** A JSON list of some host names, which hold no quote. */
export function namesIn(text: string): string[] {
  return text.slice(2, -2).split('","');
}

/** A JSON list of host names, which hold no quote: there may be a million, and one JSON.parse would hold us up. */
export function* namesInSteps(text: string): Generator<undefined, string[]> {
  const names: string[] = [];
  for (let start = 1; start < text.length - 1; ) {
    const comma = text.indexOf('","', start + STEP_CHARACTERS);
    const end = comma === -1 ? text.length - 1 : comma + 1;
    for (const name of JSON.parse(`[${text.slice(start, end)}]`) as string[]) names.push(name);
    start = end + 1;
    yield;
  }
  return names;
}
