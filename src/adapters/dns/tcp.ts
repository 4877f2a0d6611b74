import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { ServerAddress } from './address.ts';
import { decodeAnswer, idOf, type Question, withId } from './message.ts';
import type { Outstanding, Waiting } from './outstanding.ts';
import type { Reply } from './udp.ts';

/** Asks over TCP, for answers that UDP cut off. Settles after `limitMs`, or when `call` ends. Never rejects. */
export function askOverTcp(
  server: ServerAddress,
  question: Question,
  limitMs: number,
  call: Outstanding,
): Promise<Reply> {
  return new Promise((resolve) => {
    const connection = connect(server.port, server.host);
    const settle = (reply: Reply) => {
      clearTimeout(timer);
      call.remove(waiting);
      connection.destroy();
      resolve(reply);
    };
    const waiting: Waiting = { letGo: () => settle('timeout') };
    const timer = setTimeout(waiting.letGo, limitMs);
    call.add(waiting);
    const id = randomInt(0x1_0000);
    connection.on('connect', () => connection.write(withLength(withId(question.message, id))));
    const received = new FirstMessage();
    connection.on('data', (chunk) => {
      const message = received.after(chunk);
      if (!message) return;
      const answer = idOf(message) === id ? decodeAnswer(message, question) : undefined;
      settle(answer ?? 'unreachable');
    });
    connection.on('error', () => settle('unreachable'));
    connection.on('close', () => settle('unreachable'));
  });
}

/** Over TCP each message stands behind its length in two bytes, so 64 KB is the most that is ever kept. */
function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

const LENGTH_BYTES = 2;

/** Puts the pieces together once, however small they are. */
class FirstMessage {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #end = LENGTH_BYTES;

  /** The message, once a piece completes it. */
  after(piece: Buffer): Buffer | undefined {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes < this.#end) return undefined;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    this.#end = LENGTH_BYTES + all.readUInt16BE(0);
    return this.#bytes < this.#end ? undefined : all.subarray(LENGTH_BYTES, this.#end);
  }
}
