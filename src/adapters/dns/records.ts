/** The records of an answer, out of its bytes. Pure. Its cost grows with the length of the message, whatever is in it. */
import { formatAddress, parseAddress } from '../../targets/address/address.ts';

export type AddressType = 'A' | 'AAAA';

export interface DnsRecord {
  /** Lower case, without the last dot, as all names here. */
  owner: string;
  type: AddressType | 'CNAME';
  ttlS: number;
  /** The address, or the CNAME's target. */
  data: string;
}

const TYPES: ReadonlyMap<number, DnsRecord['type']> = new Map([
  [1, 'A'],
  [5, 'CNAME'],
  [28, 'AAAA'],
]);
export const CLASS_IN = 1;
/** Type, class, TTL and length of the data. */
const FIXED_BYTES = 10;
const ADDRESS_BYTES = { A: 4, AAAA: 16 };
export const LONGEST_NAME = 253;
const POINTER = 0xc0;
const POINTER_BYTES = 2;
/** RFC 2181: a TTL with the highest bit set means 0. */
const LONGEST_TTL = 0x7fffffff;

/** A, AAAA and CNAME records of the class IN; the others are passed over. undefined: the message is broken. */
export function readRecords(message: Buffer, start: number, count: number): DnsRecord[] | undefined {
  const names = new NameReader(message);
  const records: DnsRecord[] = [];
  let offset = start;
  for (let left = count; left > 0; left--) {
    const owner = names.read(offset);
    // Of an address that is cut off, what is left would be read as another one.
    if (!owner || owner.end + FIXED_BYTES > message.length) return undefined;
    const dataAt = owner.end + FIXED_BYTES;
    offset = dataAt + message.readUInt16BE(dataAt - 2);
    if (offset > message.length) return undefined;
    const type = TYPES.get(message.readUInt16BE(owner.end));
    if (type === undefined || message.readUInt16BE(owner.end + 2) !== CLASS_IN) continue;
    const data =
      type === 'CNAME' ? targetIn(names, dataAt, offset) : addressIn(message, type, dataAt, offset);
    if (owner.name === undefined || data === undefined) return undefined;
    const ttl = message.readUInt32BE(owner.end + 4);
    records.push({ owner: owner.name, type, ttlS: ttl > LONGEST_TTL ? 0 : ttl, data });
  }
  return records;
}

function targetIn(names: NameReader, at: number, end: number): string | undefined {
  const target = names.read(at);
  return target?.end === end ? target.name : undefined;
}

/** A mapped address (`::ffff:8.8.8.8`) means its IPv4 address, here as in requests. */
function addressIn(message: Buffer, type: AddressType, at: number, end: number): string | undefined {
  if (end - at !== ADDRESS_BYTES[type]) return undefined;
  if (type === 'A') return message.subarray(at, end).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => message.readUInt16BE(at + 2 * index).toString(16));
  const address = parseAddress(groups.join(':'));
  return address === undefined ? undefined : formatAddress(address);
}

interface ReadName {
  /** undefined: it leads to no host, and would be misread in lists and logs. */
  name: string | undefined;
  /** Where what follows it begins. */
  end: number;
}

/**
 * Reads names, which may end in a pointer to the end of another one before them. What a pointer leads to is read once;
 * a message that makes us read much more than it holds is broken.
 */
class NameReader {
  readonly #message: Buffer;
  readonly #known = new Map<number, string | undefined>();
  #leftBytes: number;

  constructor(message: Buffer) {
    this.#message = message;
    this.#leftBytes = 2 * message.length;
  }

  /** undefined: it is broken. */
  read(start: number): ReadName | undefined {
    const message = this.#message;
    // Most names are a pointer and nothing else.
    if (start + 1 < message.length && message.readUInt8(start) >= POINTER) {
      const target = message.readUInt16BE(start) & 0x3fff;
      if (this.#known.has(target)) return { name: this.#known.get(target), end: start + POINTER_BYTES };
      const read = this.#walk(start);
      if (read) this.#known.set(target, read.name);
      return read;
    }
    return this.#walk(start);
  }

  #walk(start: number): ReadName | undefined {
    const message = this.#message;
    const labels: string[] = [];
    let end: number | undefined;
    let segment = start;
    let at = start;
    for (let length = 0; at < message.length; ) {
      if (this.#leftBytes-- <= 0) return undefined;
      const size = message.readUInt8(at);
      if (size === 0) return { name: plainName(labels), end: end ?? at + 1 };
      if (size >= POINTER) {
        if (at + 1 >= message.length) return undefined;
        end ??= at + POINTER_BYTES;
        at = message.readUInt16BE(at) & 0x3fff;
        // Backwards only: otherwise it could go round for ever.
        if (at >= segment) return undefined;
        segment = at;
        continue;
      }
      length += size + 1;
      if (size >= 64 || length > LONGEST_NAME + 1 || at + 1 + size > message.length) return undefined;
      this.#leftBytes -= size;
      labels.push(message.toString('latin1', at + 1, at + 1 + size));
      at += 1 + size;
    }
    return undefined;
  }
}

/** No blank, comma, control character or dot within a label. */
function plainName(labels: readonly string[]): string | undefined {
  return labels.every((label) => /^[!-+\-/-~]*$/.test(label)) ? labels.join('.').toLowerCase() : undefined;
}
