import express, { type Request, type Response } from 'express';
import { messageOf } from '../errors.ts';
import { apiError, invalid, tooLarge } from './apiErrors.ts';
import { bodyProblem } from './jsonBody.ts';
import type { Answer } from './route.ts';

export type RequestBody = { ok: true; bytes: Uint8Array } | { ok: false; answer: Answer };

/** How long a body may be, and whose limit that is. */
export interface BodyLimit {
  bytes: number;
  name: string;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/i;

/**
 * The bytes of a JSON body; none is an empty one. Handlers call it once they know who asks,
 * so that nobody else makes us hold a body.
 */
export async function readBody(req: Request, res: Response, limit: BodyLimit): Promise<RequestBody> {
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim() ?? '';
  if (type !== '' && !JSON_TYPE.test(type)) {
    const msg = 'Input should be JSON: send the header Content-Type: application/json';
    return { ok: false, answer: invalid([bodyProblem('content_type', msg, type.slice(0, 100))]) };
  }
  const read = express.raw({ type: () => true, limit: limit.bytes });
  const error = await new Promise<unknown>((resolve) => read(req, res, resolve));
  if (error) return { ok: false, answer: answerToBodyError(error, limit) };
  const body: unknown = req.body;
  return { ok: true, bytes: body instanceof Uint8Array ? body : new Uint8Array() };
}

function answerToBodyError(error: unknown, limit: BodyLimit): Answer {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return tooLarge(limit);
  return apiError(status === 415 ? 415 : 400, `The body cannot be read: ${messageOf(error)}`);
}
