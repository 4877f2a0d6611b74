import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { ServerAddress } from './dnsAddress.ts';
import { type DnsAnswer, decodeAnswer, idOf, type Question, withId } from './dnsMessage.ts';
import type { Outstanding } from './outstanding.ts';

/** What came of one query: an answer, silence, or word that nobody is there. */
export type Reply = DnsAnswer | 'timeout' | 'unreachable';

interface Pending {
  question: Question;
  settle(reply: Reply): void;
}

/** Several, so that whoever forges answers has to guess the port too while many queries are out. */
const SOCKETS = 4;
/** Then a socket takes no more, and the next one gets another port. */
const QUERIES_PER_SOCKET = 500;
const IDS = 0x1_0000;

/**
 * Asks one server over UDP. A forged answer must hit the source port (given by the kernel at random, and often
 * another one), the id (random), the server's address (the sockets are connected) and the question; one that misses
 * any of them changes nothing, and the true answer is still waited for. Idle, it holds no socket.
 */
export class UdpAsker {
  readonly #server: ServerAddress;
  readonly #sockets = new Set<QuerySocket>();
  readonly #current: (QuerySocket | undefined)[] = Array.from({ length: SOCKETS });
  #turn = 0;

  constructor(server: ServerAddress) {
    this.#server = server;
  }

  /** Settles after `limitMs`, or when `call` ends. Never rejects. */
  ask(question: Question, limitMs: number, call: Outstanding): Promise<Reply> {
    return new Promise((resolve) => {
      const socket = this.#socket();
      const settle = (reply: Reply) => {
        clearTimeout(timer);
        call.remove(giveUp);
        socket.forget(id);
        resolve(reply);
      };
      const giveUp = () => settle('timeout');
      const timer = setTimeout(giveUp, limitMs);
      const id = socket.expect({ question, settle });
      call.add(giveUp);
      if (!call.ended) socket.send(withId(question, id));
    });
  }

  close(): void {
    for (const socket of [...this.#sockets]) socket.fail();
  }

  #socket(): QuerySocket {
    const turn = this.#turn++ % SOCKETS;
    const current = this.#current[turn];
    if (current?.open) return current;
    const socket = new QuerySocket(this.#server, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    this.#current[turn] = socket;
    return socket;
  }
}

class QuerySocket {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #onClose: () => void;
  /** Queries that came before the socket was connected. */
  #early: Buffer[] | undefined = [];
  #taken = 0;
  #closed = false;

  constructor({ host, port, family }: ServerAddress, onClose: () => void) {
    this.#onClose = onClose;
    this.#socket = createSocket(`udp${family}`);
    this.#socket.on('message', (message) => this.#receive(message));
    // An ICMP message: nobody listens there, or no way leads there.
    this.#socket.on('error', () => this.fail());
    this.#socket.on('connect', () => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const query of early) this.send(query);
    });
    this.#socket.connect(port, host);
  }

  get open(): boolean {
    return !this.#closed && this.#taken < QUERIES_PER_SOCKET;
  }

  /** The id for the query: random, and of no other query of this socket. */
  expect(pending: Pending): number {
    let id = randomInt(IDS);
    while (this.#pending.has(id)) id = randomInt(IDS);
    this.#pending.set(id, pending);
    this.#taken++;
    return id;
  }

  forget(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#close();
  }

  send(query: Buffer): void {
    if (this.#early) this.#early.push(query);
    else if (!this.#closed) this.#socket.send(query);
  }

  /** All that waits is told that the server cannot be reached. */
  fail(): void {
    for (const { settle } of [...this.#pending.values()]) settle('unreachable');
    this.#close();
  }

  #receive(message: Buffer): void {
    const pending = this.#pending.get(idOf(message) ?? -1);
    const answer = pending && decodeAnswer(message, pending.question);
    if (answer) pending.settle(answer);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#onClose();
  }
}
