/** Questions for addresses, and what servers say to them. Pure: bytes in, values out; `dns-packet` reads and writes. */
import { domainToASCII } from 'node:url';
import dnsPacket, { type Answer } from 'dns-packet';
import { formatAddress, parseAddress } from '../targets/address.ts';

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
const RCODE_MASK = 15;
const FLAG_RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
/** Where the header counts the records behind the answers. */
const OTHER_COUNTS = 8;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

/**
 * Undefined when DNS cannot be asked for the name. No EDNS, as c-ares: answers over 512 bytes come over TCP. They are
 * rare, hard to forge there, and every server understands the question.
 */
export function questionOf(typed: string, type: AddressType): Question | undefined {
  const name = askableName(typed);
  if (name === undefined) return undefined;
  const flags = dnsPacket.RECURSION_DESIRED;
  const message = dnsPacket.encode({ type: 'query', id: 0, flags, questions: [{ type, name }] });
  return { name, type, message };
}

/**
 * Lower case, Unicode as punycode, without the last dot; the root is `''`. Undefined for a name or label that is too
 * long or empty, and for names below `onion`, which must not be asked for (RFC 7686).
 */
function askableName(typed: string): string | undefined {
  if (typed === '.') return '';
  const name = canonical(/^[!-~]+$/.test(typed) ? typed : domainToASCII(typed));
  if (Buffer.byteLength(name) > LONGEST_NAME || /(^|\.)onion$/.test(name)) return undefined;
  const isLabel = (label: string) => label !== '' && Buffer.byteLength(label) <= LONGEST_LABEL;
  return name.split('.').every(isLabel) ? name : undefined;
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
  return { rcode: flags & RCODE_MASK, truncated, records: truncated ? [] : readRecords(message) };
}

/** Byte by byte, but for the case of letters, which some servers change. Lengths of labels are below the letters. */
function sameQuestion(message: Buffer, ours: Buffer): boolean {
  const text = (bytes: Buffer) => bytes.toString('latin1', HEADER_BYTES, ours.length);
  return text(message) === text(ours) || text(message).toLowerCase() === text(ours).toLowerCase();
}

function readRecords(message: Buffer): DnsRecord[] | undefined {
  // Only the answers are read: whatever is odd behind them is no reason to lose them.
  message.fill(0, OTHER_COUNTS, HEADER_BYTES);
  try {
    const records = (dnsPacket.decode(message).answers ?? []).map(recordOf);
    return records.some((record) => record === 'broken') ? undefined : records.filter(isRecord);
  } catch {
    return undefined;
  }
}

function isRecord(record: DnsRecord | 'broken' | undefined): record is DnsRecord {
  return typeof record === 'object';
}

/** undefined: a record that says nothing about addresses. */
function recordOf(answer: Answer): DnsRecord | 'broken' | undefined {
  if (answer.type !== 'A' && answer.type !== 'AAAA' && answer.type !== 'CNAME') return undefined;
  if (answer.class !== 'IN') return undefined;
  const { type, ttl = 0 } = answer;
  const owner = plainName(answer.name);
  const data = type === 'CNAME' ? plainName(answer.data) : addressText(answer.data);
  if (owner === undefined || data === undefined) return 'broken';
  // RFC 2181: a TTL with the highest bit set means 0.
  return { owner, type, ttlS: ttl > 0x7fffffff ? 0 : ttl, data };
}

/** No blank, comma or control character: such a name leads to no host, and would be misread in lists and logs. */
function plainName(name: string): string | undefined {
  return /^[!-+\--~]*$/.test(name) ? canonical(name) : undefined;
}

/** A mapped address (`::ffff:8.8.8.8`) means its IPv4 address, here as in requests. */
function addressText(data: string): string | undefined {
  const address = parseAddress(data);
  return address === undefined ? undefined : formatAddress(address);
}
