import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { ServerAddress } from './dnsAddress.ts';
import { decodeAnswer, idOf, type Question, withId } from './dnsMessage.ts';
import type { Reply } from './dnsUdp.ts';
import type { Outstanding, Waiting } from './outstanding.ts';

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
    connection.on('connect', () => connection.write(withLength(withId(question, id))));
    let received = Buffer.alloc(0);
    connection.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const message = firstMessage(received);
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
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function firstMessage(received: Buffer): Buffer | undefined {
  if (received.length < 2) return undefined;
  const end = 2 + received.readUInt16BE(0);
  return received.length < end ? undefined : received.subarray(2, end);
}
