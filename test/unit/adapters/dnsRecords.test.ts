import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../src/adapters/dns/records.ts';

const START = 12;
const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const record = fc.oneof(
  fc.record({ type: fc.constant('A' as const), name, ttl: fc.nat(), data: fc.ipV4() }),
  fc.record({ type: fc.constant('CNAME' as const), name, ttl: fc.nat(), data: name }),
  fc.record({ type: fc.constant('TXT' as const), name, ttl: fc.nat(), data: fc.constant('noise') }),
);

/** A message that begins with the question for `asked`, and has these bytes behind it. */
function behind(asked: string, ...pieces: Buffer[]): { message: Buffer; start: number } {
  const question = dnsPacket.encode({ type: 'response', id: 1, questions: [{ type: 'A', name: asked }] });
  return { message: Buffer.concat([question, ...pieces]), start: question.length };
}

const fixed = (type: number, data: Buffer) =>
  Buffer.concat([Buffer.from([0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
const pointer = (to: number) => Buffer.from([0xc0 + (to >> 8), to & 0xff]);
const ADDRESS = fixed(1, Buffer.from([1, 2, 3, 4]));

describe('readRecords', () => {
  it('reads what another implementation writes', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (answers) => {
        const message = dnsPacket.encode({ type: 'response', id: 1, questions: [], answers });
        const wanted = answers.flatMap(({ type, name: owner, ttl, data }) =>
          type === 'TXT' ? [] : [{ owner: owner.toLowerCase(), type, ttlS: ttl, data: data.toLowerCase() }],
        );
        expect(readRecords(message, START, answers.length)).toEqual(wanted);
      }),
    );
  });

  it('passes over records of another class than IN', () => {
    const chaos = Buffer.from(ADDRESS);
    chaos.writeUInt16BE(3, 2);
    const { message, start } = behind('a.test', pointer(START), chaos, pointer(START), ADDRESS);
    expect(readRecords(message, start, 2)).toMatchObject([{ type: 'A', data: '1.2.3.4' }]);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(65_535), (bytes, count) => {
        readRecords(Buffer.from(bytes), 0, count);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads as many addresses as 64 KB have, all under one long name', () => {
    const asked = `${'a.'.repeat(126)}a`;
    const { message, start } = behind(
      asked,
      ...new Array<Buffer>(4_000).fill(Buffer.concat([pointer(12), ADDRESS])),
    );
    const records = readRecords(message, start, 4_000);
    expect(records?.length).toBe(4_000);
    expect(records?.at(-1)).toEqual({ owner: asked, type: 'A', ttlS: 60, data: '1.2.3.4' });
  });

  it('gives up a message that makes it read far more than it holds', () => {
    // A chain of pointers each to the one before, and records that begin at another link of it.
    const links = Array.from({ length: 8_000 }, (_, i) => pointer(i === 0 ? 11 : 12 + 2 * (i - 1)));
    const start = 12 + 16_000;
    const records = Array.from({ length: 3_000 }, (_, i) =>
      Buffer.concat([pointer(12 + 2 * (7_999 - i)), ADDRESS]),
    );
    const message = Buffer.concat([Buffer.alloc(12), ...links, ...records]);
    expect(readRecords(message, start, 1)).toEqual([{ owner: '', type: 'A', ttlS: 60, data: '1.2.3.4' }]);
    expect(readRecords(message, start, 3_000)).toBeUndefined();
  });

  it.each<[what: string, owner: Buffer]>([
    ['a pointer to itself', pointer(24)],
    ['a pointer forwards', pointer(30)],
    ['a label of 64 bytes', Buffer.from([64, ...new Array<number>(64).fill(97), 0])],
    ['a name of 255 characters', Buffer.from([...new Array<number[]>(128).fill([1, 97]).flat(), 0])],
    ['a dot in a label', Buffer.from([3, 97, 0x2e, 98, 0])],
    ['a blank in a label', Buffer.from([3, 97, 0x20, 98, 0])],
  ])('%s is broken', (_, owner) => {
    const { message, start } = behind('a.test', owner, ADDRESS);
    expect(start).toBe(24);
    expect(readRecords(message, start, 1)).toBeUndefined();
  });

  it.each<[what: string, record: Buffer]>([
    ['an address of five bytes', fixed(1, Buffer.alloc(5))],
    ['an IPv6 address of four bytes', fixed(28, Buffer.alloc(4))],
    ['a CNAME with something behind it', fixed(5, Buffer.from([1, 97, 0, 0]))],
    ['data that is cut off', ADDRESS.subarray(0, -1)],
    ['nothing behind its name', Buffer.alloc(3)],
  ])('%s is broken', (_, rest) => {
    const { message, start } = behind('a.test', pointer(12), rest);
    expect(readRecords(message, start, 1)).toBeUndefined();
  });
});
