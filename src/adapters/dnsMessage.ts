/** DNS messages (RFC 1035), as much of them as asking for addresses needs. Pure: bytes in, values out. */
import { formatAddress } from '../targets/address.ts';
import { canonicalName, readName, writeName } from './dnsName.ts';

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
  /** A, AAAA and CNAME of class IN; undefined when the message is broken behind its question. */
  records: readonly DnsRecord[] | undefined;
}

export const NOERROR = 0;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const REFUSED = 5;

const TYPES = { A: 1, AAAA: 28 } as const;
const TYPE_CNAME = 5;
const CLASS_IN = 1;
const HEADER_BYTES = 12;
const TYPE_AND_CLASS_BYTES = 4;
/** Id 0, recursion desired, one question. */
const HEADER = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
/** Of a name with an escape for every byte. */
const LONGEST_TEXT = 255 * 4;
const FLAG_RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
const FLAG_TRUNCATED = 0x0200;

/**
 * Undefined when DNS cannot be asked for the name. No EDNS, as c-ares: answers over 512 bytes come over TCP. They are
 * rare, hard to forge there, and every server understands the question.
 */
export function questionOf(name: string, type: AddressType): Question | undefined {
  const canonical = canonicalName(name);
  if (canonical === undefined || canonical.length > LONGEST_TEXT) return undefined;
  const message = Buffer.allocUnsafe(HEADER_BYTES + canonical.length + 2 + TYPE_AND_CLASS_BYTES);
  HEADER.copy(message);
  const end = writeName(canonical, message, HEADER_BYTES);
  if (end === undefined) return undefined;
  message.writeUInt16BE(TYPES[type], end);
  message.writeUInt16BE(CLASS_IN, end + 2);
  const length = end + TYPE_AND_CLASS_BYTES;
  // Shorter, when the name has escapes.
  return {
    name: canonical,
    type,
    message: message.length === length ? message : message.subarray(0, length),
  };
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
  const truncated = (flags & FLAG_TRUNCATED) !== 0;
  return { rcode: flags & 15, truncated, records: truncated ? [] : readRecords(message, question) };
}

function sameQuestion(message: Buffer, ours: Buffer): boolean {
  if (sameBytes(message, HEADER_BYTES, ours, ours.length)) return true;
  // Some servers change the case. Lengths of labels are below the letters, so only letters change here.
  const text = (bytes: Buffer) => bytes.toString('latin1', HEADER_BYTES, ours.length).toLowerCase();
  return text(message) === text(ours);
}

function readRecords(message: Buffer, question: Question): DnsRecord[] | undefined {
  const records: DnsRecord[] = [];
  const count = message.readUInt16BE(6);
  let at = question.message.length;
  for (let i = 0; i < count; i++) {
    const owner = readOwner(message, at, question);
    if (!owner || owner.end + 10 > message.length) return undefined;
    const data = owner.end + 10;
    at = data + message.readUInt16BE(owner.end + 8);
    if (at > message.length) return undefined;
    const type = message.readUInt16BE(owner.end);
    if (message.readUInt16BE(owner.end + 2) !== CLASS_IN) continue;
    if (type !== TYPES.A && type !== TYPES.AAAA && type !== TYPE_CNAME) continue;
    const text = readData(message, type, data, at);
    if (text === undefined) return undefined;
    const ttlS = message.readUInt32BE(owner.end + 4);
    records.push({
      owner: owner.name,
      type: type === TYPES.A ? 'A' : type === TYPES.AAAA ? 'AAAA' : 'CNAME',
      // RFC 2181: a TTL with the highest bit set means 0.
      ttlS: ttlS > 0x7fffffff ? 0 : ttlS,
      data: text,
    });
  }
  return records;
}

/** Nearly always it is the question's name, as a pointer or in full: no need to read it again. */
function readOwner(
  message: Buffer,
  at: number,
  { name, message: ours }: Question,
): ReturnType<typeof readName> {
  if (message[at] === 0xc0 && message[at + 1] === HEADER_BYTES) return { name, end: at + 2 };
  const nameEnd = ours.length - TYPE_AND_CLASS_BYTES;
  if (sameBytes(message, at, ours, nameEnd)) return { name, end: at + nameEnd - HEADER_BYTES };
  return readName(message, at);
}

/** Whether ours from its question to `end` stands at `at`. A loop: for so few bytes it is faster than a call. */
function sameBytes(message: Buffer, at: number, ours: Buffer, end: number): boolean {
  for (let i = HEADER_BYTES; i < end; i++) if (message[at + i - HEADER_BYTES] !== ours[i]) return false;
  return true;
}

function readData(message: Buffer, type: number, start: number, end: number): string | undefined {
  if (type === TYPE_CNAME) {
    const target = readName(message, start);
    return target?.end === end ? target.name : undefined;
  }
  if (type === TYPES.AAAA) return end - start === 16 ? ipv6Text(message.subarray(start, end)) : undefined;
  if (end - start !== 4) return undefined;
  return `${message[start]}.${message[start + 1]}.${message[start + 2]}.${message[start + 3]}`;
}

/** A mapped address (`::ffff:8.8.8.8`) means its IPv4 address, here as in requests. */
function ipv6Text(bytes: Buffer): string {
  const address = BigInt(`0x${bytes.toString('hex')}`);
  return formatAddress(address >> 32n === 0xffffn ? Number(address & 0xffffffffn) : address);
}
