import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { ServerAddress } from './address.ts';
import { decodeAnswer, type Question, queryOf } from './message.ts';
import type { Reply } from './udp.ts';

/** Over TCP each message stands behind its length in two bytes. */
const LENGTH_BYTES = 2;
const LONGEST_MESSAGE = 0xffff;

/** Asks over TCP, for answers that UDP cut off. Settles after `limitMs`, or when `signal` is aborted. Never rejects. */
export async function askOverTcp(
  { host, port }: ServerAddress,
  question: Question,
  limitMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  const limit = AbortSignal.timeout(Math.ceil(limitMs));
  const connection = connect({ host, port, signal: AbortSignal.any([signal, limit]) });
  const query = queryOf(question, randomInt(0x1_0000), false);
  connection.write(Buffer.of(query.length >> 8, query.length & 0xff));
  connection.write(query);
  // One buffer, however small the pieces are. Of what the server sends beyond it nothing is kept.
  const received = Buffer.allocUnsafe(LENGTH_BYTES + LONGEST_MESSAGE);
  let length = 0;
  try {
    for await (const piece of connection) {
      length += piece.copy(received, length);
      const end = LENGTH_BYTES + (length < LENGTH_BYTES ? LONGEST_MESSAGE : received.readUInt16BE(0));
      if (length >= end) return decodeAnswer(received.subarray(LENGTH_BYTES, end), query) ?? 'unreachable';
    }
  } catch {
    // It broke, or took too long.
  }
  return limit.aborted ? 'timeout' : 'unreachable';
}
