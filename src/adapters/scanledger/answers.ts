/** Reading the bodies of ScanLedger's answers, as far as they may go. */
import { tooManyValues } from '../../runtime/jsonSize.ts';
import type { AnswerLimits } from './limits.ts';

/** Why an answer is not taken: it is more than may be. Less may be asked for. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** The body is no JSON. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

const FIRST_BYTES = 2 ** 16;

/** The answers that one client reads, also at the same time. */
export class AnswerReader {
  readonly #limits: AnswerLimits;
  #held = 0;

  constructor(limits: AnswerLimits) {
    this.#limits = limits;
  }

  /** The JSON of a body. @throws TooMuch, NotJson, and what the body throws */
  async json(body: AsyncIterable<Uint8Array>): Promise<unknown> {
    const { answerBytes, heldBytes } = this.#limits;
    // One buffer that grows: a body may come in pieces of one byte, and each piece would take a hundred.
    let bytes = new Uint8Array(FIRST_BYTES);
    let length = 0;
    try {
      for await (const piece of body) {
        const start = length;
        length += piece.length;
        this.#held += piece.length;
        if (length > answerBytes) throw new TooMuch(`more than ${answerBytes} bytes`);
        if (this.#held > heldBytes) throw new TooMuch(`answers of more than ${heldBytes} bytes at once`);
        if (length > bytes.length) bytes = grown(bytes, length);
        bytes.set(piece, start);
      }
      return this.#parse(bytes.subarray(0, length));
    } finally {
      this.#held -= length;
    }
  }

  #parse(json: Uint8Array): unknown {
    const tooMany = tooManyValues(json, this.#limits);
    if (tooMany !== undefined) throw new TooMuch(tooMany);
    try {
      return JSON.parse(new TextDecoder().decode(json));
    } catch {
      throw new NotJson();
    }
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
