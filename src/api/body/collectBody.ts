import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import { apiError, plainError, tooLarge } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';
import type { Reserved } from './sharedBudget.ts';
import type { Unpacked } from './unpack.ts';

/** How long a body may be, and whose limit that is. */
export interface BodyLimit {
  bytes: number;
  name: string;
}

type Collected = { ok: true; bytes: Uint8Array } | { ok: false; answer: HttpResponse };

/** Holds a body as it comes, as far as there is room for it. Whatever ends it, nobody listens to it any more then. */
export function collectBody(
  { bytes: stream, isTooDense }: Unpacked,
  req: IncomingMessage,
  reserved: Reserved,
  limit: BodyLimit,
  idleMs: number,
): Promise<Collected> {
  // A body that has said how long it is is held once: pieces would be held twice at the end.
  const announced = stream === req ? req.headers['content-length'] : undefined;
  const whole = announced === undefined ? undefined : Buffer.allocUnsafeSlow(Number(announced));
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    let length = 0;
    const end = (collected: Collected) => {
      clearTimeout(idle);
      stream.off('data', take).off('end', all).off('error', broken).off('close', gone).pause();
      // What breaks after that breaks for nobody.
      stream.on('error', () => {});
      resolve(collected);
    };
    const refuse = (answer: HttpResponse) => end({ ok: false, answer });
    const take = (piece: Buffer) => {
      idle.refresh();
      length += piece.length;
      if (length > limit.bytes) refuse(tooLarge(limit));
      else if (isTooDense(length)) refuse(plainError('body_too_dense'));
      else if (!reserved.more(piece.length)) refuse(plainError('body_room_full'));
      else if (whole === undefined) pieces.push(piece);
      else piece.copy(whole, length - piece.length);
    };
    const all = () => end({ ok: true, bytes: whole ?? Buffer.concat(pieces) });
    const broken = (error: unknown) =>
      refuse(apiError('unreadable_body', `The body cannot be read: ${messageOf(error)}`));
    const gone = () => broken('it ends in the middle');
    const slow = `Nothing of the body came for ${idleMs / 1_000} s`;
    const idle = setTimeout(() => refuse(apiError('body_too_slow', slow)), idleMs);
    stream.on('data', take).on('end', all).on('error', broken).on('close', gone);
  });
}
