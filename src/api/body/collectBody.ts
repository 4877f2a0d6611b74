import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import { apiError, plainError, tooLarge } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';
import type { Reserved } from './bodyRoom.ts';
import type { Unpacked } from './unpack.ts';

/** How long a body may be, and whose limit that is. */
export interface BodyLimit {
  bytes: number;
  name: string;
}

export interface CollectLimits {
  limit: BodyLimit;
  /** So long its caller may send nothing of it. */
  idleMs: number;
}

type Collected = { ok: true; bytes: Uint8Array } | { ok: false; answer: HttpResponse };

/** Holds a body as it comes, as far as there is room for it. Whatever ends it, nobody listens to it any more then. */
export function collectBody(
  { bytes: stream, isTooDense }: Unpacked,
  req: IncomingMessage,
  reserved: Reserved,
  { limit, idleMs }: CollectLimits,
): Promise<Collected> {
  const into = stream === req ? wholeOf(req) : new Pieces();
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
      else into.add(piece);
    };
    const all = () => end({ ok: true, bytes: into.bytes() });
    const broken = (error: unknown) => refuse(unreadable(messageOf(error)));
    const gone = () => broken('it ends in the middle');
    const idle = setTimeout(() => refuse(tooSlow(idleMs)), idleMs);
    stream.on('data', take).on('end', all).on('error', broken).on('close', gone);
  });
}

/** A body of unknown length. */
class Pieces {
  readonly #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/** A body that has said how long it is: held once, where pieces would be held twice at the end. */
function wholeOf({ headers }: IncomingMessage): Pick<Pieces, 'add' | 'bytes'> {
  const announced = headers['content-length'];
  if (announced === undefined) return new Pieces();
  const whole = Buffer.allocUnsafeSlow(Number(announced));
  let length = 0;
  return {
    add: (piece) => {
      length += piece.copy(whole, length);
    },
    bytes: () => whole,
  };
}

function tooSlow(idleMs: number): HttpResponse {
  return apiError('body_too_slow', `Nothing of the body came for ${idleMs / 1_000} s`);
}

function unreadable(why: string): HttpResponse {
  return apiError('unreadable_body', `The body cannot be read: ${why}`);
}
