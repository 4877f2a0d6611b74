import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';

/** So long a caller may go on sending a body that nobody wants, before the connection is ended. */
const LINGER_MS = 10_000;
/** So long it may pause. */
const PAUSE_MS = 500;

/** Whether something of the body has not arrived yet. */
export async function isUnread(req: IncomingMessage): Promise<boolean> {
  const { 'content-length': length = '0', 'transfer-encoding': chunks } = req.headers;
  if (length === '0' && chunks === undefined) return false;
  // A request is handed on before the rest of what came with it is looked at.
  if (!req.complete) await new Promise(setImmediate);
  return !req.complete;
}

/**
 * Ends an answer. When its caller is still sending a body that was refused, the connection ends too, and what follows
 * on it is not taken for a request. Not at once: a caller that writes to a connection that is gone may never read
 * the answer, so what comes is thrown away for a while.
 */
export async function endWithUnreadBody(res: Response): Promise<void> {
  const { req } = res;
  if ((await isUnread(req)) && !res.destroyed) await sent(req);
  if (res.destroyed || res.closed) return;
  const closed = once(res, 'close');
  res.end();
  await closed;
}

function sent(req: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(last);
      clearTimeout(pause);
      req.off('data', goOn).off('end', end).off('close', end).off('error', end);
      resolve();
    };
    const goOn = () => void pause.refresh();
    const last = setTimeout(end, LINGER_MS);
    const pause = setTimeout(end, PAUSE_MS);
    req.on('data', goOn).on('end', end).on('close', end).on('error', end).resume();
  });
}
