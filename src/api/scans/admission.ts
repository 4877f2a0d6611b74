import type { RequestHandler } from 'express';
import type { Logger } from '../../runtime/log.ts';
import { apiError } from '../http/httpErrors.ts';
import { PlanningPlaces } from './planningPlaces.ts';

/** Seconds: as falcli, which tries again after 2 s by itself. */
const RETRY_AFTER_S = 2;
/** So often at most the log says how many were turned away. */
const LOG_EVERY_MS = 1_000;
/**
 * Admits so many requests at once; 0: any number. Who finds no place is turned away before anything is asked of Redis
 * or the users' store, and for next to nothing: when thousands come at once, a log line and headers for each would cost
 * more time than all the rest, and those who are in would have to wait for it.
 *
 * Nobody is authenticated yet, so callers are told apart by what they show. A token that is wrong costs its place within
 * moments.
 */
export function admission(limit: number, log: Logger): { guard: RequestHandler; close(): void } {
  const places = new PlanningPlaces(limit);
  const refusals = {
    'all are taken': refusal(`${limit} scan requests are being planned (MAX_PLANNING)`),
    'share is taken': refusal(
      `${places.share} scan requests of yours are being planned, half of MAX_PLANNING, and others want to plan`,
    ),
  };
  let turnedAway = 0;
  let logging: NodeJS.Timeout | undefined;
  const tell = () => {
    log.warn({ requests: turnedAway, limit }, 'scan requests were turned away: too many are being planned');
    turnedAway = 0;
    logging = undefined;
  };
  const guard: RequestHandler = (req, res, next) => {
    const caller = req.headers.authorization ?? '';
    const outcome = places.take(caller, performance.now());
    if (outcome !== 'taken') {
      turnedAway += 1;
      logging ??= setTimeout(tell, LOG_EVERY_MS);
      const { status, headers, text } = refusals[outcome];
      res.writeHead(status, headers).end(text);
      return;
    }
    // Also when the caller hangs up.
    res.once('close', () => places.free(caller));
    next();
  };
  return { guard, close: () => clearTimeout(logging) };
}

function refusal(why: string) {
  const { status, body } = apiError('planning_full', `${why}: try again in ${RETRY_AFTER_S} s`);
  const text = JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Retry-After': RETRY_AFTER_S,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  return { status, headers, text };
}
