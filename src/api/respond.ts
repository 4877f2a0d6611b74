import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { answerToError } from './apiErrors.ts';
import { HungUpError } from './hungUp.ts';
import type { Answer } from './route.ts';

/** Writes an answer. A caller that hangs up in the middle is nobody's fault; a stream of ours that breaks is logged. */
export async function respond(res: Response, answer: Answer, log: Logger): Promise<void> {
  res.status(answer.status).set(answer.headers ?? {});
  if ('body' in answer) {
    res.json(answer.body);
    return;
  }
  if (!res.hasHeader('Content-Type')) res.type('application/json');
  try {
    await pipeline(answer.stream, res);
  } catch (error) {
    if (isHangUp(error)) log.debug({ err: messageOf(error) }, 'the caller hung up');
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
  const { answer, defect } = answerToError(error, res.getHeader('X-Request-Id')?.toString() ?? '');
  if (defect) log.error({ err: error }, 'a request failed');
  else log.warn({ err: messageOf(error) }, 'a request was turned away');
  if (res.headersSent) res.destroy();
  else await respond(res, answer, log);
}

function isHangUp(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code));
}
