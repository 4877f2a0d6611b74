import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { ServerAddress } from './address.ts';
import { type DnsAnswer, decodeAnswer, idOf, keepsCase, type Question, queryOf } from './message.ts';

/** What came of one query: an answer, silence, or word that nobody is there. */
export type Reply = DnsAnswer | 'timeout' | 'unreachable';

/** The same, or an answer with the letters of the question in another case: the server's doing, or a forgery. */
export type UdpReply = Reply | 'recased';

/** Then a socket takes no more, and the next one has another port: who has guessed one has little of it. */
const QUERIES_PER_SOCKET = 100;
const IDS = 0x1_0000;

/**
 * Asks one server over UDP. A forged answer must hit the source port (given by the kernel at random, and another
 * one every {@link QUERIES_PER_SOCKET} queries), the id (random), the server's address (the sockets are connected) and
 * the question; one that misses any of them changes nothing, and the true answer is still waited for. One that misses
 * only the case of its letters is told as such. There are no more sockets than queries, and none when it is idle.
 */
export class UdpAsker {
  readonly #server: ServerAddress;
  readonly #closing: AbortSignal;
  #current: QuerySocket | undefined;

  /** @param closing ends everything that is out */
  constructor(server: ServerAddress, closing: AbortSignal) {
    this.#server = server;
    this.#closing = closing;
  }

  /** @param mixed whether the letters are written in random case, and must come back so */
  ask(question: Question, mixed: boolean, limitMs: number): Promise<UdpReply> {
    if (!this.#current?.open) this.#current = new QuerySocket(this.#server, this.#closing);
    return this.#current.ask(question, mixed, limitMs);
  }
}

interface Pending {
  query: Buffer;
  mixed: boolean;
  settle(reply: UdpReply): void;
}

class QuerySocket {
  readonly #socket: Socket;
  /** Queries that came before it was connected. */
  #early: Buffer[] | undefined = [];
  readonly #pending = new Map<number, Pending>();
  #inbox: Buffer[] = [];
  #asked = 0;
  #closed = false;

  constructor({ host, port, family }: ServerAddress, closing: AbortSignal) {
    this.#socket = createSocket({ type: `udp${family}`, signal: closing });
    this.#socket.on('connect', () => {
      const early = this.#early ?? [];
      this.#early = undefined;
      if (!this.#closed && !closing.aborted) for (const query of early) this.#socket.send(query);
    });
    this.#socket.on('message', (message) => {
      if (this.#inbox.length === 0) setImmediate(() => this.#readInbox());
      this.#inbox.push(message);
    });
    // An ICMP message: nobody listens there, or no way leads there.
    this.#socket.on('error', () => this.#close());
    this.#socket.on('close', () => {
      this.#closed = true;
      for (const { settle } of [...this.#pending.values()]) settle('unreachable');
    });
    this.#socket.connect(port, host);
  }

  get open(): boolean {
    return !this.#closed && this.#asked < QUERIES_PER_SOCKET;
  }

  ask(question: Question, mixed: boolean, limitMs: number): Promise<UdpReply> {
    this.#asked++;
    // Random, and of no other query of this socket.
    let id = randomInt(IDS);
    while (this.#pending.has(id)) id = randomInt(IDS);
    const query = queryOf(question, id, mixed);
    return new Promise((resolve) => {
      const settle = (reply: UdpReply) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        if (this.#pending.size === 0) this.#close();
        resolve(reply);
      };
      const timer = setTimeout(settle, limitMs, 'timeout');
      this.#pending.set(id, { query, mixed, settle });
      if (this.#early) this.#early.push(query);
      else this.#socket.send(query);
    });
  }

  /** A message that is no answer to one of our queries changes nothing. */
  #take(message: Buffer): void {
    const pending = this.#pending.get(idOf(message) ?? -1);
    const answer = pending && decodeAnswer(message, pending.query);
    if (answer) pending.settle(pending.mixed && !keepsCase(message, pending.query) ? 'recased' : answer);
  }

  /** Together: what is asked next goes out together then, which takes the kernel half as long. */
  #readInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const message of inbox) this.#take(message);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
