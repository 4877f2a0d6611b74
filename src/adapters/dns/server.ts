import { setTimeout as pause } from 'node:timers/promises';
import type { QueryResult } from '../metrics/table.ts';
import type { ServerAddress } from './address.ts';
import { LetterCase } from './letterCase.ts';
import { NOERROR, NXDOMAIN, type Question, REFUSED, SERVFAIL } from './message.ts';
import { askOverTcp } from './tcp.ts';
import { TokenBucket } from './tokenBucket.ts';
import { type Reply, UdpAsker, type UdpReply } from './udp.ts';

/** One try at a name in one family, whatever servers and queries it takes. */
export interface Attempt {
  /** What is left of its deadline: time in which a query is out, not time in line. */
  leftMs: number;
  /** Asks in lower case. */
  plain: boolean;
  /** Once aborted, nothing more is sent. */
  signal: AbortSignal;
  /** Told of every query that goes out. */
  onSent?: (() => void) | undefined;
}

/** A server that was silent is asked last for this long; then one query tries whether it is back. */
const REST_MS = 5_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** Told of each query that is over: what came of it, and the seconds that it took. */
export type OnQuery = (result: QueryResult, seconds: number) => void;

const RESULTS = new Map<number, QueryResult>([
  [NOERROR, 'answered'],
  [NXDOMAIN, 'nxdomain'],
  [SERVFAIL, 'servfail'],
  [REFUSED, 'refused'],
]);

/** One name server: over UDP, over TCP what does not fit, no faster than its rate. */
export class DnsServer {
  readonly #address: ServerAddress;
  readonly #udp: UdpAsker;
  readonly #rate: TokenBucket | undefined;
  readonly #letterCase = new LetterCase();
  readonly #onQuery: OnQuery | undefined;
  #answeredMs = NEVER;
  #restsUntilMs = NEVER;

  constructor(address: ServerAddress, queriesPerSecond: number, closing: AbortSignal, onQuery?: OnQuery) {
    this.#address = address;
    this.#onQuery = onQuery;
    this.#udp = new UdpAsker(address, closing);
    this.#rate = queriesPerSecond > 0 ? new TokenBucket(queriesPerSecond) : undefined;
  }

  /** How long a query has to wait before it may go out. */
  get waitMs(): number {
    return this.#rate?.waitMs() ?? 0;
  }

  get rests(): boolean {
    return this.#restsUntilMs > performance.now();
  }

  /** Waits for its turn, then asks for `limitMs` at most, and takes the time from the attempt. Never rejects. */
  async ask(question: Question, limitMs: number, attempt: Attempt, plain = attempt.plain): Promise<Reply> {
    if (this.#rate) await this.#turn(this.#rate, attempt);
    const endLeftMs = attempt.leftMs - limitMs;
    const mixed = !plain && this.#letterCase.mixed;
    const reply = await this.#send(attempt, () => this.#udp.ask(question, mixed, limitMs));
    const leftMs = attempt.leftMs - endLeftMs;
    if (reply === 'recased') {
      this.#letterCase.changed();
      return leftMs > 0 ? this.ask(question, leftMs, attempt, true) : 'timeout';
    }
    if (typeof reply === 'string') return reply;
    if (mixed) this.#letterCase.kept();
    if (!reply.truncated || leftMs <= 0) return reply;
    if (this.#rate) await this.#turn(this.#rate, attempt);
    return this.#send(attempt, () => askOverTcp(this.#address, question, leftMs, attempt.signal));
  }

  async #turn(rate: TokenBucket, { signal }: Attempt): Promise<void> {
    const waitMs = rate.take();
    if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => {});
  }

  async #send<R extends UdpReply>(attempt: Attempt, query: () => Promise<R>): Promise<R | 'timeout'> {
    const { signal } = attempt;
    if (signal.aborted) return 'timeout';
    const sentMs = performance.now();
    // Whoever tries a server that has rested does it for all others.
    if (this.#restsUntilMs !== NEVER && !this.rests) this.#restsUntilMs = sentMs + REST_MS;
    attempt.onSent?.();
    const reply = await query();
    const nowMs = performance.now();
    attempt.leftMs -= nowMs - sentMs;
    if (this.#onQuery && !signal.aborted) this.#onQuery(resultOf(reply), (nowMs - sentMs) / 1_000);
    if (reply !== 'timeout' && reply !== 'unreachable') {
      this.#answeredMs = nowMs;
      this.#restsUntilMs = NEVER;
    } else if (!signal.aborted && this.#answeredMs < sentMs) {
      // No word about any name since the query went out: it is the server that is silent, not the name.
      this.#restsUntilMs = nowMs + REST_MS;
    }
    return reply;
  }
}

function resultOf(reply: UdpReply): QueryResult {
  if (reply === 'timeout' || reply === 'unreachable') return reply;
  return (reply !== 'recased' && RESULTS.get(reply.rcode)) || 'other';
}
