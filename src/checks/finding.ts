/** What one check came to. */
export interface Finding {
  /** What was looked at, in a word or two. */
  what: string;
  /** `unknown`: nobody could tell. */
  state: 'ok' | 'warning' | 'broken' | 'unknown';
  /** What is the case. Never a secret. */
  found: string;
  /** The line to change, or what to do; empty when there is nothing. */
  todo: string;
}

export function ok(what: string, found: string): Finding {
  return { what, state: 'ok', found, todo: '' };
}

/** Whether `version` is older than `least`, both like 7.0.15; undefined when it is no version. */
export function isOlder(version: string, least: string): boolean | undefined {
  if (!/^\d+(\.\d+)*/.test(version)) return undefined;
  const [parts, leastParts] = [version, least].map((text) =>
    text.split('.').map((part) => parseInt(part, 10)),
  );
  for (const [i, wanted] of (leastParts ?? []).entries()) {
    const part = parts?.[i] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
