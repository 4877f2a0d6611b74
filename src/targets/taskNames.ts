import type { Warning } from '../model/submission.ts';

/** Bytes of names that one task carries, as JSON: its worker keeps and hands on all of them. */
const MOST_BYTES = 65_536;
/** Quotes and comma. */
const BYTES_BESIDE_NAME = 3;
/** As many of the longest names there are fit. */
const ALWAYS_FIT = Math.floor(MOST_BYTES / (253 + BYTES_BESIDE_NAME));
/** Addresses that are told one by one. */
const LISTED = 20;

/** As many of the names, from the beginning of the list, as a task carries. They are plain ASCII. */
export function taskNames(names: readonly string[]): readonly string[] {
  if (names.length < ALWAYS_FIT) return names;
  let bytes = 1;
  const end = names.findIndex((name) => {
    bytes += name.length + BYTES_BESIDE_NAME;
    return bytes > MOST_BYTES;
  });
  return end < 0 ? names : names.slice(0, end);
}

/** Says which addresses have more names than their task carries. */
export function longListWarnings(hostnames: ReadonlyMap<string, readonly string[]>): Warning[] {
  const warnings: Warning[] = [];
  let more = 0;
  for (const [ip, names] of hostnames) {
    const carried = taskNames(names).length;
    if (carried === names.length) continue;
    if (warnings.length === LISTED) more += 1;
    else warnings.push(warning(`${ip} has ${names.length} names, its task carries the first ${carried}`));
  }
  if (more > 0) warnings.push(warning(`${more} more addresses have more names than their tasks carry`));
  return warnings;
}

function warning(what: string): Warning {
  const message = `${what}: the limit is ${MOST_BYTES} bytes of names for each task. The list of targets has all of them`;
  return { code: 'many_names', message };
}
