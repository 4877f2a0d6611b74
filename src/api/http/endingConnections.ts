import type { Socket } from 'node:net';
import type { RequestHandler, Response } from 'express';

const ending = new WeakSet<Socket>();

/** Ends the connection with this answer, and takes nothing for a request that was sent behind it. */
export function endConnectionAfter(res: Response): void {
  if (!res.headersSent) res.set('Connection', 'close');
  ending.add(res.req.socket);
}

/** Stands before everything: Node hands on what was sent behind the last request, and closes only when that is answered. */
export const nothingBehindTheLast: RequestHandler = (req, _res, next) => {
  if (!ending.has(req.socket)) next();
};
