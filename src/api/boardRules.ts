/** What may be changed through Bull Board's own API, read off method and path. */

export interface BoardAction {
  action: string;
  queue?: string;
  job?: string;
}

/**
 * Only what is listed here is let through. Removing or promoting jobs would release their parents early, and then a
 * flow would go on without the part that is gone; stopping a scan is the API's business.
 */
const ALLOWED: readonly { action: string; path: RegExp }[] = [
  { action: 'pause all', path: /^\/api\/queues\/pause$/ },
  { action: 'resume all', path: /^\/api\/queues\/resume$/ },
  { action: 'pause', path: /^\/api\/queues\/(?<queue>[^/]+)\/pause$/ },
  { action: 'resume', path: /^\/api\/queues\/(?<queue>[^/]+)\/resume$/ },
  { action: 'retry all failed', path: /^\/api\/queues\/(?<queue>[^/]+)\/retry\/failed$/ },
  { action: 'retry', path: /^\/api\/queues\/(?<queue>[^/]+)\/(?<job>[^/]+)\/retry$/ },
];
const ANY_ACTION = /^\/api\/queues\/(?<queue>[^/]+)(?:\/(?<rest>.*))?$/;

/** Reading changes nothing. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What a changing call would do, and whether that is on the list. */
export function boardAction(method: string, path: string): BoardAction & { allowed: boolean } {
  if (method === 'PUT') {
    for (const { action, path: pattern } of ALLOWED) {
      const match = pattern.exec(path);
      if (match) return { action, allowed: true, ...decoded(match.groups) };
    }
  }
  const { queue, rest } = ANY_ACTION.exec(path)?.groups ?? {};
  return { action: `${method} ${rest ?? path}`, allowed: false, ...decoded({ queue }) };
}

function decoded(groups: Record<string, string | undefined> = {}): Record<string, string> {
  const given = Object.entries(groups).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, decodedSegment(value)]));
}

/** A segment that cannot be decoded names no queue and no job, so it may stay as it is. */
function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/**
 * Whether a changing call comes from the board's own page. Browsers send along the credentials of the board with
 * whatever any page asks for, and they always say where it comes from; a caller that says nothing is no browser.
 */
export function isSameOrigin(headers: {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
}): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}
