import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import { endConnectionAfter } from './endingConnections.ts';
import { apiError } from './httpErrors.ts';
import type { Services } from './route.ts';
import { sendResponse } from './sendResponse.ts';

/** Node keeps the first of several, and a proxy in front may keep the last. */
const ONCE = new Set(['host', 'authorization', 'content-type', 'content-encoding']);

/**
 * Refuses requests that a proxy in front may have read in another way than we do. Who asks for another protocol gets an
 * answer in this one, and then the connection ends: nothing that follows may be taken for part of the other.
 */
export function oneReading({ log }: Pick<Services, 'log'>): RequestHandler {
  return (req, res, next) => {
    const problem = problemOf(req);
    if (problem !== undefined || req.headers.upgrade !== undefined || !res.shouldKeepAlive)
      endConnectionAfter(res);
    return problem === undefined ? next() : sendResponse(res, apiError('ambiguous_request', problem), log);
  };
}

function problemOf({ httpVersion, headers, rawHeaders }: IncomingMessage): string | undefined {
  if (headers.host === undefined && httpVersion === '1.1') return 'The header host is missing';
  const twice = namedTwice(rawHeaders);
  return twice === undefined ? undefined : `The header ${twice} is there more than once`;
}

function namedTwice(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

/** We are no proxy: CONNECT is answered, and its connection ends. */
export function refuseTunnels(server: Server): void {
  server.on('connect', (_req, socket: Duplex) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
