import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { ServerAddress } from './address.ts';
import {
  type DnsAnswer,
  decodeAnswer,
  idOf,
  inMixedCase,
  keepsCase,
  type Question,
  withId,
} from './message.ts';
import type { Outstanding } from './outstanding.ts';

/** What came of one query: an answer, silence, or word that nobody is there. */
export type Reply = DnsAnswer | 'timeout' | 'unreachable';

/** The same, or an answer with the letters of the question in another case: the server's doing, or a forgery. */
export type UdpReply = Reply | 'recased';

/** Then a socket takes no more, and the next one has another port: who has guessed one has little of it. */
const QUERIES_PER_SOCKET = 100;
const IDS = 0x1_0000;

export interface Query {
  question: Question;
  /** Whether its letters are written in random case, and must come back so. */
  mixed: boolean;
}

/**
 * Asks one server over UDP. A forged answer must hit the source port (given by the kernel at random, and another
 * one every {@link QUERIES_PER_SOCKET} queries), the id (random), the server's address (the sockets are connected) and
 * the question; one that misses any of them changes nothing, and the true answer is still waited for. One that misses
 * only the case of its letters is told as such. There are no more sockets than queries, and none when it is idle.
 */
export class UdpAsker {
  readonly #server: ServerAddress;
  readonly #sockets = new Set<QuerySocket>();
  #current: QuerySocket | undefined;

  constructor(server: ServerAddress) {
    this.#server = server;
  }

  /** `onReply` hears once: after `limitMs` at the latest, and when `call` ends. */
  ask(query: Query, limitMs: number, call: Outstanding, onReply: (reply: UdpReply) => void): void {
    const pending = new Pending(this.#socket(), query, call, onReply);
    pending.start(limitMs);
  }

  close(): void {
    for (const socket of [...this.#sockets]) socket.fail();
  }

  #socket(): QuerySocket {
    if (this.#current?.open) return this.#current;
    const socket = new QuerySocket(this.#server, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    this.#current = socket;
    return socket;
  }
}

/** One query until something came of it. */
class Pending {
  readonly question: Question;
  readonly #id: number;
  readonly #socket: QuerySocket;
  readonly #call: Outstanding;
  readonly #onReply: (reply: UdpReply) => void;
  readonly #mixed: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    socket: QuerySocket,
    { question, mixed }: Query,
    call: Outstanding,
    onReply: (reply: UdpReply) => void,
  ) {
    this.question = question;
    this.#mixed = mixed ? inMixedCase(question) : undefined;
    this.#socket = socket;
    this.#call = call;
    this.#onReply = onReply;
    this.#id = socket.expect(this);
  }

  start(limitMs: number): void {
    this.#timer = setTimeout(letGo, limitMs, this);
    this.#call.add(this);
    if (!this.#call.ended) this.#socket.send(withId(this.#mixed ?? this.question.message, this.#id));
  }

  /** A message under its id; one that is no answer to its question changes nothing. */
  take(message: Buffer): void {
    const answer = decodeAnswer(message, this.question, this.#mixed);
    if (!answer) return;
    this.settle(this.#mixed && !keepsCase(message, this.#mixed) ? 'recased' : answer);
  }

  settle(reply: UdpReply): void {
    clearTimeout(this.#timer);
    this.#call.remove(this);
    this.#socket.forget(this.#id);
    this.#onReply(reply);
  }

  letGo(): void {
    this.settle('timeout');
  }
}

function letGo(pending: Pending): void {
  pending.letGo();
}

class QuerySocket {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #onClose: () => void;
  /** Queries that came before the socket was connected. */
  #early: Buffer[] | undefined = [];
  #inbox: Buffer[] = [];
  #taken = 0;
  #closed = false;

  constructor({ host, port, family }: ServerAddress, onClose: () => void) {
    this.#onClose = onClose;
    this.#socket = createSocket(`udp${family}`);
    this.#socket.on('message', (message) => {
      if (this.#inbox.length === 0) setImmediate(() => this.#readInbox());
      this.#inbox.push(message);
    });
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
    for (const pending of [...this.#pending.values()]) pending.settle('unreachable');
    this.#close();
  }

  /** Read together, what has arrived costs less than one by one, and so does what is asked next. */
  #readInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const message of inbox) {
      this.#pending.get(idOf(message) ?? -1)?.take(message);
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#onClose();
  }
}
