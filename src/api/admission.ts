import type { RequestHandler } from 'express';
import type { Logger } from '../log.ts';

/** Seconds: as falcli, which tries again after 2 s by itself. */
const RETRY_AFTER_S = 2;
/** So often at most the log says how many were turned away. */
const LOG_EVERY_MS = 1_000;
/**
 * So long nobody is admitted after somebody was turned away for want of a place. A burst takes a second to be turned
 * away; were each place that becomes free in it given to the next caller, all would share the machine with all.
 */
const CLOSED_MS = 1_000;

/**
 * Admits so many requests at once; 0: any number. Who finds no place is turned away before anything is asked of Redis
 * or the users' store, and for next to nothing: when thousands come at once, a log line and headers for each would cost
 * more time than all the rest, and those who are in would have to wait for it.
 */
export function admission(limit: number, log: Logger): { guard: RequestHandler; close(): void } {
  const detail = `${limit} scan requests are being planned (MAX_PLANNING): try again in ${RETRY_AFTER_S} s`;
  const body = JSON.stringify({ detail });
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Retry-After': RETRY_AFTER_S,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  let inside = 0;
  let closedUntilMs = 0;
  let turnedAway = 0;
  let logging: NodeJS.Timeout | undefined;
  const tell = () => {
    log.warn({ requests: turnedAway, limit }, 'scan requests were turned away: too many are being planned');
    turnedAway = 0;
    logging = undefined;
  };
  const isClosed = () => {
    if (limit === 0) return false;
    const nowMs = performance.now();
    if (inside >= limit) closedUntilMs = nowMs + CLOSED_MS;
    return nowMs < closedUntilMs;
  };
  const guard: RequestHandler = (_req, res, next) => {
    if (isClosed()) {
      turnedAway += 1;
      logging ??= setTimeout(tell, LOG_EVERY_MS);
      res.writeHead(503, headers).end(body);
      return;
    }
    inside += 1;
    // Also when the caller hangs up.
    res.once('close', () => {
      inside -= 1;
    });
    next();
  };
  return { guard, close: () => clearTimeout(logging) };
}
