/**
 * The attack's name server: what a name does follows from its domain, so that no list of names is needed.
 *
 * `*.good.test` has one address, `*.one.test` the same one for all, `x-500.many.test` 500 addresses, `*.silent.test`
 * gets no answer, `*.broken.test` SERVFAIL, `*.lower.test` an answer to the name in lower case, `*.chain.test` one with records of other names.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface NameServer {
  /** As DNS_SERVERS takes it. */
  address: string;
  /** Queries over UDP since the last call of {@link forget}, by the port they came from. */
  ports: Map<number, number>;
  /** How many of them had letters of both cases. */
  mixed(): number;
  forget(): void;
  close(): Promise<void>;
}

export const ONE_ADDRESS = '9.9.9.8';
/** The address that the name of `chain.test` has, and the one that its answer holds for somebody else. */
export const CHAIN = { own: '9.9.9.50', foreign: '9.9.9.51' };

const HOST = '127.0.0.77';
const TYPE_A = 1;
const TYPE_CNAME = 5;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const TRUNCATED = 0x02_00;
const RESPONSE = 0x81_80;
const MOST_OVER_UDP = 512;
const TTL_S = 300;
/** In front of a record: the name of the question. */
const OF_THE_QUESTION = Buffer.from([0xc0, 0x0c]);

export async function startNameServer(): Promise<NameServer> {
  const ports = new Map<number, number>();
  let mixed = 0;
  const udp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  udp.bind(0, HOST);
  await once(udp, 'listening');
  udp.on('error', () => {});
  udp.on('message', (packet, from) => {
    const query = read(packet);
    if (!query) return;
    ports.set(from.port, (ports.get(from.port) ?? 0) + 1);
    if (/[a-z]/.test(query.name) && /[A-Z]/.test(query.name)) mixed += 1;
    const answer = answerTo(packet, query);
    if (answer)
      udp.send(answer.length > MOST_OVER_UDP ? cut(packet, query) : answer, from.port, from.address);
  });
  const { port } = udp.address();
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serveTcp(socket);
  }).listen(port, HOST);
  await once(tcp, 'listening');
  return {
    address: `${HOST}:${port}`,
    ports,
    mixed: () => mixed,
    forget() {
      ports.clear();
      mixed = 0;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      tcp.close();
      await new Promise<void>((done) => udp.close(done));
    },
  };
}

interface Query {
  /** As it was written. */
  name: string;
  type: number;
  /** Behind the question. */
  end: number;
}

function read(packet: Buffer): Query | undefined {
  const labels: string[] = [];
  let place = 12;
  for (;;) {
    const length = packet[place];
    if (length === undefined || length > 63) return undefined;
    if (length === 0) break;
    labels.push(packet.toString('latin1', place + 1, place + 1 + length));
    place += length + 1;
  }
  if (packet.length < place + 5) return undefined;
  return { name: labels.join('.'), type: packet.readUInt16BE(place + 1), end: place + 5 };
}

function answerTo(packet: Buffer, query: Query): Buffer | undefined {
  const name = query.name.toLowerCase();
  const domain = name.split('.').slice(-2).join('.');
  if (domain === 'silent.test') return undefined;
  if (domain === 'broken.test') return message(packet, query, SERVFAIL, []);
  const records = query.type === TYPE_A ? recordsOf(name, domain) : domain.endsWith('.test') ? [] : undefined;
  if (!records) return message(packet, query, NXDOMAIN, []);
  return message(packet, query, 0, records, domain === 'lower.test');
}

function recordsOf(name: string, domain: string): Buffer[] | undefined {
  // Each is one record or several in a row.
  if (domain === 'good.test' || domain === 'lower.test') return [addressRecord(spread(name, 9))];
  if (domain === 'one.test') return [addressRecord(ONE_ADDRESS.split('.').map(Number))];
  if (domain === 'many.test') return many(Number(/-(\d+)\.many\.test$/.exec(name)?.[1] ?? 0), name);
  if (domain === 'chain.test') {
    const target = nameBytes('end.of.test');
    const own = Buffer.concat([OF_THE_QUESTION, head(TYPE_CNAME, target.length), target]);
    return [
      own,
      recordOf('other.name.test', TYPE_CNAME, nameBytes('elsewhere.test')),
      recordOf('elsewhere.test', TYPE_A, Buffer.from(CHAIN.foreign.split('.').map(Number))),
      recordOf('end.of.test', TYPE_A, Buffer.from(CHAIN.own.split('.').map(Number))),
    ];
  }
  return undefined;
}

/** As many addresses of 11.0.0.0/8 as wanted, others for each name. */
function many(count: number, name: string): Buffer[] {
  const [, second = 0] = spread(name, 11);
  const record = addressRecord([11, second, 0, 0]);
  const records = Buffer.alloc(count * record.length, record);
  for (let i = 0; i < count; i++) records.writeUInt16BE(i, (i + 1) * record.length - 2);
  return [records];
}

function spread(name: string, first: number): number[] {
  return [first, ...createHash('md5').update(name).digest().subarray(0, 3)];
}

function addressRecord(octets: readonly number[]): Buffer {
  return Buffer.concat([OF_THE_QUESTION, head(TYPE_A, 4), Buffer.from(octets)]);
}

function recordOf(owner: string, type: number, data: Buffer): Buffer {
  return Buffer.concat([nameBytes(owner), head(type, data.length), data]);
}

/** Type, class IN, TTL and length. */
function head(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(1, 2);
  bytes.writeUInt32BE(TTL_S, 4);
  bytes.writeUInt16BE(length, 8);
  return bytes;
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function message(packet: Buffer, query: Query, code: number, records: Buffer[], lower = false): Buffer {
  const header = Buffer.alloc(12);
  packet.copy(header, 0, 0, 2);
  header.writeUInt16BE(RESPONSE | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(recordsIn(records), 6);
  const asked = packet.subarray(12, query.end);
  const question = lower
    ? Buffer.concat([nameBytes(query.name.toLowerCase()), asked.subarray(asked.length - 4)])
    : asked;
  return Buffer.concat([header, question, ...records]);
}

/** Those of a large answer are equally long, in one piece. */
function recordsIn(pieces: readonly Buffer[]): number {
  const plain = addressRecord([0, 0, 0, 0]).length;
  return pieces.reduce((sum, piece) => sum + (piece.length % plain === 0 ? piece.length / plain : 1), 0);
}

function cut(packet: Buffer, query: Query): Buffer {
  return message(packet, query, TRUNCATED, []);
}

/** Each message stands behind its length in two bytes. */
function serveTcp(socket: Socket): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const packet = received.subarray(2, 2 + received.readUInt16BE(0));
      received = received.subarray(2 + packet.length);
      const query = read(packet);
      const answer = query && answerTo(packet, query);
      if (!answer) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}
