import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import dnsPacket from 'dns-packet';

/** What the server does with one name instead of answering at once. Counts say how many queries it does it for. */
export interface Behaviour {
  latencyMs?: number;
  /** No answer at all. */
  drop?: number | 'always';
  servfail?: number | 'always';
  refuse?: number | 'always';
  /** The answer has the first CNAME only. */
  partial?: boolean;
  /** Over UDP: TC and no records, however short the answer is. */
  truncate?: boolean;
  /** So many of the addresses, the next ones at each query. */
  pick?: number;
  /** No answer to names that are not in lower case. */
  dropMixed?: boolean;
  /** What the server makes of its answer. */
  change?: (answer: Buffer) => Buffer;
  /** Before the true answer come these instead of it: made from it, sent from the same port. */
  forge?: (answer: Buffer) => Buffer[];
}

export interface DnsServerOptions {
  /** @default '127.0.0.1' */
  address?: string;
  /** UDP and TCP. @default a free one */
  port?: number;
  /**
   * `address name` or `cname:target name` each, and a TTL behind it (60 without); `*.domain` is a wildcard. Every
   * other name is NXDOMAIN.
   */
  zone: readonly string[];
  /** By lower-case name, `name A` or `name AAAA`; `*` is for all names that have no entry of their own. */
  behaviours?: Record<string, Behaviour>;
  /** Told of each query over UDP: the name as it came, and the port that it came from. */
  onQuery?: (name: string, port: number) => void;
}

export interface DnsServer {
  address: string;
  port: number;
  /** How often each name was asked for, by lower-case name. */
  queries: Map<string, number>;
  stop(): Promise<void>;
}

interface Records {
  A: string[];
  AAAA: string[];
  cname?: string;
  ttl: number;
}
type Zone = ReadonlyMap<string, Records>;
type Answer = (packet: Buffer, udp: boolean, send: (answer: Buffer) => void) => void;

const HEADER_RCODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** A DNS server with the given zone on real sockets. Rejects when the port is taken. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { address = '127.0.0.1', port = 0, zone, behaviours = {}, onQuery } = options;
  const queries = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  const answer = answerer(zoneOf(zone), behaviours, queries, timers);
  const { udp, tcp } = await listen(address, port);
  const connections = new Set<TcpSocket>();
  // A sender that is gone already makes errors that say nothing about the server.
  udp.on('error', () => {});
  udp.on('message', (packet, from) => {
    onQuery?.(dnsPacket.decode(packet).questions?.[0]?.name ?? '', from.port);
    answer(packet, true, (reply) => udp.send(reply, from.port, from.address));
  });
  tcp.on('connection', (connection) => {
    connections.add(connection);
    serveTcp(connection, answer);
  });
  return {
    address,
    port: udp.address().port,
    queries,
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const connection of connections) connection.destroy();
      await Promise.all([
        new Promise<void>((done) => udp.close(done)),
        new Promise((done) => tcp.close(done)),
      ]);
    },
  };
}

function zoneOf(lines: readonly string[]): Zone {
  const zone = new Map<string, Records>();
  for (const line of lines) {
    const [data = '', typed = '', ttl = '60'] = line.split(' ');
    const name = typed.toLowerCase();
    const records: Records = zone.get(name) ?? { A: [], AAAA: [], ttl: Number(ttl) };
    if (data.startsWith('cname:')) records.cname = data.slice('cname:'.length);
    else records[data.includes(':') ? 'AAAA' : 'A'].push(data);
    zone.set(name, records);
  }
  return zone;
}

/** Both protocols on one port; a port that is free for UDP only is given back and another one tried. */
async function listen(address: string, port: number): Promise<{ udp: Socket; tcp: Server }> {
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    udp.bind(port, address);
    await once(udp, 'listening');
    const tcp = createServer().listen(udp.address().port, address);
    try {
      await once(tcp, 'listening');
      return { udp, tcp };
    } catch (error) {
      await new Promise<void>((done) => udp.close(done));
      if (port !== 0 || attempt === 10) throw error;
    }
  }
}

function answerer(
  zone: Zone,
  behaviours: Record<string, Behaviour>,
  queries: Map<string, number>,
  timers: Set<NodeJS.Timeout>,
): Answer {
  return (packet, udp, send) => {
    const query = dnsPacket.decode(packet);
    const typed = query.questions?.[0]?.name ?? '';
    const name = typed.toLowerCase();
    const nth = (queries.get(name) ?? 0) + 1;
    queries.set(name, nth);
    const type = query.questions?.[0]?.type ?? 'A';
    const behaviour = behaviours[`${name} ${type}`] ?? behaviours[name] ?? behaviours['*'] ?? {};
    const still = (count: number | 'always' = 0) => count === 'always' || nth <= count;
    if (still(behaviour.drop) || (behaviour.dropMixed && typed !== name)) return;
    const failure = still(behaviour.servfail) ? 'SERVFAIL' : still(behaviour.refuse) ? 'REFUSED' : undefined;
    const found = failure ? encode(query, HEADER_RCODES[failure], []) : lookUp(query, zone, behaviour, nth);
    // dns-packet does not compress names; 512 bytes is what every client takes.
    const cut = udp && (behaviour.truncate || found.length > 512);
    const made = cut ? encode(query, dnsPacket.TRUNCATED_RESPONSE, []) : found;
    const reply = behaviour.change?.(made) ?? made;
    for (const forged of behaviour.forge?.(reply) ?? []) send(forged);
    if (!behaviour.latencyMs) return send(reply);
    const timer = setTimeout(() => {
      timers.delete(timer);
      send(reply);
    }, behaviour.latencyMs);
    timers.add(timer);
  };
}

function lookUp(query: dnsPacket.DecodedPacket, zone: Zone, behaviour: Behaviour, nth: number): Buffer {
  const type = query.questions?.[0]?.type === 'AAAA' ? 'AAAA' : 'A';
  const answers: dnsPacket.Answer[] = [];
  const seen = new Set<string>();
  let name = query.questions?.[0]?.name ?? '';
  for (;;) {
    const records = zone.get(name.toLowerCase()) ?? zone.get(name.toLowerCase().replace(/^[^.]*/, '*'));
    if (!records) return encode(query, HEADER_RCODES.NXDOMAIN, answers);
    const { cname, ttl } = records;
    if (cname === undefined) {
      for (const data of picked(records[type], behaviour.pick, nth)) answers.push({ type, name, ttl, data });
      return encode(query, 0, answers);
    }
    answers.push({ type: 'CNAME', name, ttl, data: cname });
    if (behaviour.partial || seen.has(name)) return encode(query, 0, answers);
    seen.add(name);
    name = cname;
  }
}

function picked(addresses: readonly string[], count = addresses.length, nth = 0): string[] {
  return Array.from({ length: count }, (_, i) => addresses[(nth * count + i) % addresses.length] ?? '');
}

function encode(query: dnsPacket.DecodedPacket, flags: number, answers: dnsPacket.Answer[]): Buffer {
  return dnsPacket.encode({
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | flags,
    questions: query.questions ?? [],
    answers,
  });
}

/** DNS over TCP: each message stands behind its length in two bytes. */
function serveTcp(connection: TcpSocket, answer: Answer): void {
  let received = Buffer.alloc(0);
  connection.on('error', () => {});
  connection.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      answer(received.subarray(2, end), false, (reply) => {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        connection.write(Buffer.concat([length, reply]));
      });
      received = received.subarray(end);
    }
  });
}
