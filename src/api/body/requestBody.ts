import type { IncomingMessage } from 'node:http';
import type { Config } from '../../config/config.ts';
import { addressOf } from '../auth/callerAddress.ts';
import { invalid, plainError, tooLarge } from '../http/httpErrors.ts';
import { HungUpError } from '../http/hungUp.ts';
import type { HttpResponse, PublicContext, Services } from '../http/route.ts';
import { type BodyLimit, collectBody } from './collectBody.ts';
import { bodyProblem } from './jsonBody.ts';
import { SharedBudget } from './sharedBudget.ts';
import { unpacked } from './unpack.ts';

/** `done`: says that nothing of the body is held any more. */
export type RequestBody = { ok: true; bytes: Uint8Array; done(): void } | { ok: false; answer: HttpResponse };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/i;

/** Room for the bodies that are held at once, unpacked. A caller gets at most half of it, and always one body. */
export function bodyRoom({ maxBodyTotalBytes: total, maxBodyBytes: one }: Config): SharedBudget {
  return new SharedBudget({ most: Math.max(total, one), share: Math.max(total / 2, one) });
}

/**
 * The bytes of a JSON body; none is an empty one. Handlers call it once they know who asks,
 * so that nobody else makes us hold a body.
 *
 * @throws HungUpError
 */
export async function readBody(
  context: PublicContext,
  { bodyRoom, bodyIdleMs: idleMs }: Pick<Services, 'bodyRoom' | 'bodyIdleMs'>,
  limit: BodyLimit,
): Promise<RequestBody> {
  const { req, signal } = context;
  signal.throwIfAborted();
  const answer = refusal(req, limit);
  if (answer !== undefined) return { ok: false, answer };
  const body = unpacked(req);
  if (body === undefined) {
    return { ok: false, answer: plainError('unsupported_encoding') };
  }
  const reserved = bodyRoom.reserve(context.caller?.user.id ?? addressOf(req), context);
  const read = await collectBody(body, req, reserved, limit, idleMs);
  // The request knows of it before the answer does.
  if (req.destroyed && !req.complete) throw new HungUpError();
  if (read.ok) return { ...read, done: reserved.giveBack };
  if (body.bytes !== req) body.bytes.destroy();
  reserved.giveBack();
  return read;
}

/** What is known from the headers. */
function refusal({ headers }: IncomingMessage, limit: BodyLimit): HttpResponse | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim() ?? '';
  if (type !== '' && !JSON_TYPE.test(type)) {
    const msg = 'Input should be JSON: send the header Content-Type: application/json';
    return invalid([bodyProblem('content_type', msg, type.slice(0, 100))]);
  }
  return Number(headers['content-length'] ?? 0) > limit.bytes ? tooLarge(limit) : undefined;
}
