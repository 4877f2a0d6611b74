import { setImmediate } from 'node:timers/promises';
import type { Response } from 'express';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { endWithUnreadBody, isUnread } from '../body/unreadBody.ts';
import { endConnectionAfter } from './endingConnections.ts';
import { answerToError } from './httpErrors.ts';
import { HungUpError } from './hungUp.ts';
import type { HttpResponse } from './route.ts';

/** Written at once: whether somebody reads a longer text would be seen only when all of it is taken. */
const PART_BYTES = 2 ** 16;

/**
 * Writes an answer, and is done when it is through. A caller that hangs up in the middle is nobody's fault; a stream of
 * ours that breaks is logged.
 */
export async function sendResponse(res: Response, answer: HttpResponse, log: Logger): Promise<void> {
  res.status(answer.status).set(answer.headers ?? {});
  if (await isUnread(res.req)) endConnectionAfter(res);
  try {
    if ('body' in answer) {
      const text = JSON.stringify(answer.body);
      res.type('application/json').set('Content-Length', String(Buffer.byteLength(text)));
      await write(res, [text]);
    } else {
      if (!res.hasHeader('Content-Type')) res.type('application/json');
      await write(res, answer.stream);
    }
    await endWithUnreadBody(res);
  } catch (error) {
    if (error instanceof HungUpError) log.debug(error.message);
    else log.error({ err: error }, 'the answer broke off');
    res.destroy();
  }
}

/** Answers to whatever a handler threw. */
export async function respondToError(res: Response, error: unknown, log: Logger): Promise<void> {
  if (error instanceof HungUpError) {
    log.debug(error.message);
    res.destroy();
    return;
  }
  const answer = answerToError(error, res.getHeader('X-Request-Id')?.toString() ?? '');
  if (answer.status === 500) log.error({ err: error }, 'a request failed');
  else log.warn({ err: messageOf(error) }, 'a request was turned away');
  if (res.headersSent) res.destroy();
  else await sendResponse(res, answer, log);
}

/** The next chunk is made when the caller has taken the one before, and others have had their turn. */
async function write(res: Response, chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
  for await (const chunk of chunks) {
    for (const part of partsOf(chunk)) if (!res.write(part)) await drained(res);
    await setImmediate();
    // A long answer that comes to little is not written for a while either.
    if (res.destroyed) throw new HungUpError();
  }
}

function* partsOf(chunk: string): Generator<string | Buffer> {
  if (chunk.length <= PART_BYTES) return yield chunk;
  const bytes = Buffer.from(chunk);
  for (let start = 0; start < bytes.length; start += PART_BYTES)
    yield bytes.subarray(start, start + PART_BYTES);
}

function drained(res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      res.off('drain', end).off('close', end);
      if (res.destroyed) reject(new HungUpError());
      else resolve();
    };
    if (res.destroyed) end();
    else res.on('drain', end).on('close', end);
  });
}
