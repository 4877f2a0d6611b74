/**
 * Questions for addresses, and what servers say to them. Pure but for the case of letters: bytes in, values out. The few
 * bytes that matter are read and written here, because a general decoder takes as long as the look-up, and of a long
 * answer made for it a tenth of a second.
 */
import { randomInt } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type AddressType, CLASS_IN, type DnsRecord, LONGEST_NAME, readRecords } from './records.ts';

/** One question of ours. */
export interface Question {
  /** Lower case, without the last dot. */
  name: string;
  /** The whole message in lower case, with the id 0: a character is a byte. */
  message: string;
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

/** Id 0, recursion desired, one question. */
const HEADER = '\0\0\x01\0\0\x01\0\0\0\0\0\0';
const TYPES = { A: 1, AAAA: 28 } as const;
const TYPE_AND_CLASS_BYTES = 4;
const RCODE_MASK = 15;
const FLAG_RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
const FLAG_TRUNCATED = 0x0200;
const CASE_BIT = 0x20;
/** So many are tossed at once, as bits of one number. */
const COINS = 30;
/** Where the header says how many questions and answers there are. */
const QUESTION_COUNT = 4;
const ANSWER_COUNT = 6;
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
  // The empty label of the root ends every name.
  const labels = name === '' ? [''] : [...name.split('.'), ''];
  const asked = labels.map((label) => String.fromCharCode(label.length) + label).join('');
  return { name, message: HEADER + asked + String.fromCharCode(0, TYPES[type], 0, CLASS_IN) };
}

/**
 * Lower case, Unicode as punycode, without the last dot; the root is `''`. Undefined for a name or label that is too
 * long or empty, and for names below `onion`, which must not be asked for (RFC 7686).
 */
function askableName(typed: string): string | undefined {
  if (typed === '.') return '';
  const ascii = PRINTABLE.test(typed) ? typed : domainToASCII(typed);
  const name = ascii.replace(/\.$/, '').toLowerCase();
  return name.length > LONGEST_NAME || !LABELS.test(name) || /(^|\.)onion$/.test(name) ? undefined : name;
}

/** The question as it goes out under an id; `mixed`: each letter of its name in upper or lower case by chance. */
export function queryOf({ message }: Question, id: number, mixed: boolean): Buffer {
  const query = Buffer.from(message, 'latin1');
  query.writeUInt16BE(id, 0);
  if (!mixed) return query;
  let coins = 0;
  for (let at = HEADER.length; at < query.length - TYPE_AND_CLASS_BYTES; at++) {
    const nth = (at - HEADER.length) % COINS;
    if (nth === 0) coins = randomInt(2 ** COINS);
    const byte = query.readUInt8(at);
    // A length is below the letters.
    if (byte >= 0x61 && byte <= 0x7a && (coins >> nth) & 1) query.writeUInt8(byte ^ CASE_BIT, at);
  }
  return query;
}

/** Whether an answer to the query has the question in the very same letters. */
export function keepsCase(answer: Buffer, query: Buffer): boolean {
  return answer.compare(query, HEADER.length, query.length, HEADER.length, query.length) === 0;
}

/** The id of a message, to find its query by; undefined when it is too short to be one. */
export function idOf(message: Buffer): number | undefined {
  return message.length < HEADER.length ? undefined : message.readUInt16BE(0);
}

/** Undefined when the message is no answer to this very query, but for the case of its letters. Never throws. */
export function decodeAnswer(message: Buffer, query: Buffer): DnsAnswer | undefined {
  if (message.length < query.length || idOf(message) !== idOf(query)) return undefined;
  const flags = message.readUInt16BE(2);
  if (!(flags & FLAG_RESPONSE) || flags & OPCODE_MASK) return undefined;
  // Lengths of labels are below the letters.
  const asked = (bytes: Buffer) => bytes.toString('latin1', HEADER.length, query.length).toLowerCase();
  if (message.readUInt16BE(QUESTION_COUNT) !== 1 || asked(message) !== asked(query)) return undefined;
  const truncated = (flags & FLAG_TRUNCATED) !== 0;
  const records = truncated ? [] : readRecords(message, query.length, message.readUInt16BE(ANSWER_COUNT));
  return { rcode: flags & RCODE_MASK, truncated, records };
}
