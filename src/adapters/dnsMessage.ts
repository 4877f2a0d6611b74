/**
 * Questions for addresses, and what servers say to them. Pure: bytes in, values out. `dns-packet` reads what comes from
 * outside; a question is a few bytes that are written here, because a general encoder takes as long as the look-up.
 */
import { domainToASCII } from 'node:url';
import dnsPacket from 'dns-packet';
import { formatAddress, parseAddress, parseIpv4 } from '../targets/address.ts';

declare module 'dns-packet' {
  /** One record; `bytes`: how many it took. @throws Error when it is broken */
  const answer: { decode: { (message: Buffer, offset: number): Answer; bytes: number } };
}

export type AddressType = 'A' | 'AAAA';

/** One question of ours. */
export interface Question {
  /** Lower case, without the last dot. */
  name: string;
  type: AddressType;
  /** The whole message; its id is that of the last query. */
  message: Buffer;
}

export interface DnsRecord {
  /** Lower case, without the last dot, as all names here. */
  owner: string;
  type: AddressType | 'CNAME';
  ttlS: number;
  /** The address, or the CNAME's target. */
  data: string;
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

/** The question under an id. It is written into the one message: a question is out once at a time. */
export function withId({ message }: Question, id: number): Buffer {
  message.writeUInt16BE(id, 0);
  return message;
}

/** The id of a message, to find its question by; undefined when it is too short to be one. */
export function idOf(message: Buffer): number | undefined {
  return message.length < HEADER_BYTES ? undefined : message.readUInt16BE(0);
}

/** Undefined when the message is no answer to this very question, whose id the caller has compared. Never throws. */
export function decodeAnswer(message: Buffer, question: Question): DnsAnswer | undefined {
  if (message.length < question.message.length) return undefined;
  const flags = message.readUInt16BE(2);
  if (!(flags & FLAG_RESPONSE) || flags & OPCODE_MASK || message.readUInt16BE(4) !== 1) return undefined;
  if (!sameQuestion(message, question.message)) return undefined;
  const truncated = (flags & dnsPacket.TRUNCATED_RESPONSE) !== 0;
  return {
    rcode: flags & RCODE_MASK,
    truncated,
    records: truncated ? [] : readRecords(message, question),
  };
}

/** Byte by byte, but for the case of letters, which some servers change. Lengths of labels are below the letters. */
function sameQuestion(message: Buffer, ours: Buffer): boolean {
  const end = ours.length;
  if (message.compare(ours, HEADER_BYTES, end, HEADER_BYTES, end) === 0) return true;
  const text = (bytes: Buffer) => bytes.toString('latin1', HEADER_BYTES, end).toLowerCase();
  return text(message) === text(ours);
}

/**
 * The answers, which stand behind the question; whatever is odd behind them is no reason to lose them. undefined: they
 * are broken.
 */
function readRecords(
  message: Buffer,
  { name: asked, message: { length } }: Question,
): DnsRecord[] | undefined {
  const records: DnsRecord[] = [];
  try {
    let offset = length;
    for (let left = message.readUInt16BE(ANSWER_COUNT); left > 0; left--) {
      const answer = dnsPacket.answer.decode(message, offset);
      offset += dnsPacket.answer.decode.bytes;
      // Of an address that is cut off, what is left would be read as another one.
      if (offset > message.length) return undefined;
      if (answer.type !== 'A' && answer.type !== 'AAAA' && answer.type !== 'CNAME') continue;
      if (answer.class !== 'IN') continue;
      const owner = answer.name === asked ? asked : plainName(answer.name);
      const data = dataOf(answer.type, answer.data);
      if (owner === undefined || data === undefined) return undefined;
      const { ttl = 0 } = answer;
      // RFC 2181: a TTL with the highest bit set means 0.
      records.push({ owner, type: answer.type, ttlS: ttl > 0x7fffffff ? 0 : ttl, data });
    }
    return records;
  } catch {
    return undefined;
  }
}

/** A mapped address (`::ffff:8.8.8.8`) means its IPv4 address, here as in requests. */
function dataOf(type: DnsRecord['type'], data: string): string | undefined {
  if (type === 'CNAME') return plainName(data);
  if (type === 'A') return parseIpv4(data) === undefined ? undefined : data;
  const address = parseAddress(data);
  return address === undefined ? undefined : formatAddress(address);
}

/** No blank, comma or control character: such a name leads to no host, and would be misread in lists and logs. */
function plainName(name: string): string | undefined {
  return /^[!-+\--~]*$/.test(name) ? canonical(name) : undefined;
}
