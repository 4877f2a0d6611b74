/**
 * Questions for addresses, and what servers say to them. Pure but for the case of letters: bytes in, values out. The few
 * bytes that matter are read and written here, because a general decoder takes as long as the look-up, and of a long
 * answer made for it a tenth of a second.
 */
import { randomInt } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type AddressType, type DnsRecord, readRecords } from './records.ts';

export type { AddressType, DnsRecord } from './records.ts';

/** One question of ours. */
export interface Question {
  /** Lower case, without the last dot. */
  name: string;
  type: AddressType;
  /** The whole message in lower case; its id is that of the last query. */
  message: Buffer;
  /** Whether it is asked in lower case. @default false: in random case, where the server keeps that */
  plain?: boolean;
}

export interface DnsAnswer {
  rcode: number;
  /** The server has more to say than UDP carries; there are no records then. */
  truncated: boolean;
  /** A, AAAA and CNAME; undefined when the message is broken behind its question. */
  records: readonly DnsRecord[] | undefined;
}

export const NOERROR = 0;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const REFUSED = 5;

const HEADER_BYTES = 12;
/** Id 0, recursion desired, one question. */
const HEADER = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const TYPES = { A: 1, AAAA: 28 } as const;
const CLASS_IN = 1;
const TYPE_AND_CLASS_BYTES = 4;
const RCODE_MASK = 15;
const FLAG_RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
const FLAG_TRUNCATED = 0x0200;
/** So many coins fit in an integer that is quick to work with. */
const LETTERS_AT_ONCE = 30;
const CASE_BIT = 0x20;
/** Where the header says how many answers there are. */
const ANSWER_COUNT = 6;
const LONGEST_NAME = 253;
const PRINTABLE = /^[!-~]+$/;
/** Dots between labels of 1 to 63 characters. */
const LABELS = /^[^.]{1,63}(?:\.[^.]{1,63})*$/;

/**
 * Undefined when DNS cannot be asked for the name. No EDNS, as c-ares: answers over 512 bytes come over TCP. They are
 * rare, hard to forge there, and every server understands the question.
 */
export function questionOf(typed: string, type: AddressType): Question | undefined {
  const name = askableName(typed);
  if (name === undefined) return undefined;
  const nameBytes = name === '' ? 1 : name.length + 2;
  const message = Buffer.allocUnsafe(HEADER.length + nameBytes + TYPE_AND_CLASS_BYTES);
  HEADER.copy(message);
  if (name !== '') writeLabels(name, message);
  const end = message.writeUInt8(0, HEADER.length + nameBytes - 1);
  message.writeUInt16BE(CLASS_IN, message.writeUInt16BE(TYPES[type], end));
  return { name, type, message };
}

/** The length of a label stands where the dot before it would stand. */
function writeLabels(name: string, message: Buffer): void {
  message.write(name, HEADER.length + 1, 'latin1');
  for (let end = name.length; end > -1; ) {
    const dot = name.lastIndexOf('.', end - 1);
    message.writeUInt8(end - dot - 1, HEADER.length + 1 + dot);
    end = dot;
  }
}

/**
 * Lower case, Unicode as punycode, without the last dot; the root is `''`. Undefined for a name or label that is too
 * long or empty, and for names below `onion`, which must not be asked for (RFC 7686).
 */
function askableName(typed: string): string | undefined {
  if (typed === '.') return '';
  const name = canonical(PRINTABLE.test(typed) ? typed : domainToASCII(typed));
  if (name.length > LONGEST_NAME || !LABELS.test(name)) return undefined;
  return name.endsWith('onion') && /(^|\.)onion$/.test(name) ? undefined : name;
}

function canonical(name: string): string {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

/** The message under an id. It is written into it: a question is out once at a time. */
export function withId(message: Buffer, id: number): Buffer {
  message.writeUInt16BE(id, 0);
  return message;
}

/** A copy of the question with each letter of its name in upper or lower case by chance. */
export function inMixedCase({ message }: Question): Buffer {
  const mixed = Buffer.from(message);
  let coins = 0;
  let left = 0;
  const end = mixed.length - TYPE_AND_CLASS_BYTES;
  for (let at = HEADER_BYTES; at < end; at++) {
    const byte = mixed[at] ?? 0;
    // A length is below the letters.
    if (byte < 0x61 || byte > 0x7a) continue;
    if (left === 0) {
      coins = randomInt(2 ** LETTERS_AT_ONCE);
      left = LETTERS_AT_ONCE;
    }
    if (coins & 1) mixed[at] = byte ^ CASE_BIT;
    coins >>= 1;
    left--;
  }
  return mixed;
}

/** Whether an answer to the query has the question in the very same letters. */
export function keepsCase(answer: Buffer, query: Buffer): boolean {
  return answer.compare(query, HEADER_BYTES, query.length, HEADER_BYTES, query.length) === 0;
}

/** The id of a message, to find its question by; undefined when it is too short to be one. */
export function idOf(message: Buffer): number | undefined {
  return message.length < HEADER_BYTES ? undefined : message.readUInt16BE(0);
}

/**
 * Undefined when the message is no answer to this very question, whose id the caller has compared. Never throws.
 * @param sent the question in the letters that were sent
 */
export function decodeAnswer(
  message: Buffer,
  question: Question,
  sent = question.message,
): DnsAnswer | undefined {
  if (message.length < sent.length) return undefined;
  const flags = message.readUInt16BE(2);
  if (!(flags & FLAG_RESPONSE) || flags & OPCODE_MASK || message.readUInt16BE(4) !== 1) return undefined;
  if (!sameQuestion(message, sent)) return undefined;
  const truncated = (flags & FLAG_TRUNCATED) !== 0;
  return {
    rcode: flags & RCODE_MASK,
    truncated,
    records: truncated
      ? []
      : readRecords(message, sent.length, message.readUInt16BE(ANSWER_COUNT), {
          name: question.name,
          at: HEADER_BYTES,
        }),
  };
}

/** Byte by byte, but for the case of letters, which some servers change. Lengths of labels are below the letters. */
function sameQuestion(message: Buffer, ours: Buffer): boolean {
  const end = ours.length;
  if (keepsCase(message, ours)) return true;
  const text = (bytes: Buffer) => bytes.toString('latin1', HEADER_BYTES, end).toLowerCase();
  return text(message) === text(ours);
}
