import { tooManyValues } from '../../runtime/jsonSize.ts';
import type { AnswerLimits } from './limits.ts';

/** Why an answer is not taken: it is more than may be. Less may be asked for. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

const FIRST_BYTES = 2 ** 16;

/**
 * Reads the JSON in the bodies of one client's answers, also of several at the same time, as far as they may go.
 * @throws TooMuch, a SyntaxError for what is no JSON, and what the body throws
 */
export function answerReader(limits: AnswerLimits): (body: AsyncIterable<Uint8Array>) => Promise<unknown> {
  const { answerBytes, heldBytes } = limits;
  let held = 0;
  return async (body) => {
    // One buffer that grows: a body may come in pieces of one byte, and each piece would take a hundred.
    let bytes = new Uint8Array(FIRST_BYTES);
    let length = 0;
    try {
      for await (const piece of body) {
        const start = length;
        length += piece.length;
        held += piece.length;
        if (length > answerBytes) throw new TooMuch(`more than ${answerBytes} bytes`);
        if (held > heldBytes) throw new TooMuch(`answers of more than ${heldBytes} bytes at once`);
        if (length > bytes.length) bytes = grown(bytes, length);
        bytes.set(piece, start);
      }
      const json = bytes.subarray(0, length);
      const tooMany = tooManyValues(json, limits);
      if (tooMany !== undefined) throw new TooMuch(tooMany);
      return JSON.parse(new TextDecoder().decode(json));
    } finally {
      held -= length;
    }
  };
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
