import type { ServerAddress } from './address.ts';
import { LetterCase } from './letterCase.ts';
import type { Question } from './message.ts';
import type { Outstanding } from './outstanding.ts';
import { askOverTcp } from './tcp.ts';
import { TokenBucket } from './tokenBucket.ts';
import { type Reply, UdpAsker, type UdpReply } from './udp.ts';

/** What is left of a name's deadline: time in which a query is out, not time in line. */
export interface Budget {
  leftMs: number;
  /** Told of every query that goes out. */
  onSent?: (() => void) | undefined;
}

/** A server that was silent is asked last for this long; then one query tries whether it is back. */
const REST_MS = 5_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** One name server: over UDP, over TCP what does not fit, no faster than its rate. */
export class DnsServer {
  readonly address: ServerAddress;
  readonly #udp: UdpAsker;
  readonly #rate: TokenBucket | undefined;
  readonly #letterCase = new LetterCase();
  #answeredMs = NEVER;
  #restsUntilMs = NEVER;

  constructor(address: ServerAddress, queriesPerSecond: number) {
    this.address = address;
    this.#udp = new UdpAsker(address);
    this.#rate = queriesPerSecond > 0 ? new TokenBucket(queriesPerSecond) : undefined;
  }

  /** How long a query has to wait before it may go out. */
  get waitMs(): number {
    return this.#rate?.waitMs() ?? 0;
  }

  get rests(): boolean {
    return this.#restsUntilMs > performance.now();
  }

  /** Waits for its turn, then asks for `limitMs` at most, and takes the time from the budget. Never rejects. */
  ask(question: Question, limitMs: number, budget: Budget, call: Outstanding): Promise<Reply> {
    if (!this.#rate) return this.#askOverUdp(question, limitMs, budget, call);
    return this.#turn(this.#rate, call).then(() => this.#askOverUdp(question, limitMs, budget, call));
  }

  close(): void {
    this.#udp.close();
  }

  /** One promise and no `await`: thousands of names a second come here. */
  #askOverUdp(question: Question, limitMs: number, budget: Budget, call: Outstanding): Promise<Reply> {
    const endLeftMs = budget.leftMs - limitMs;
    const sentMs = this.#sends();
    budget.onSent?.();
    const mixed = !question.plain && this.#letterCase.mixed;
    return new Promise((resolve) => {
      this.#udp.ask({ question, mixed }, limitMs, call, (reply) => {
        this.#note(reply, sentMs, budget, call);
        const leftMs = budget.leftMs - endLeftMs;
        if (reply === 'recased') {
          this.#letterCase.changed();
          resolve(leftMs > 0 ? this.ask({ ...question, plain: true }, leftMs, budget, call) : 'timeout');
          return;
        }
        if (mixed && typeof reply === 'object') this.#letterCase.kept();
        const isCut = typeof reply === 'object' && reply.truncated && leftMs > 0;
        resolve(isCut ? this.#askOverTcp(question, leftMs, budget, call) : reply);
      });
    });
  }

  async #askOverTcp(question: Question, limitMs: number, budget: Budget, call: Outstanding): Promise<Reply> {
    if (this.#rate) await this.#turn(this.#rate, call);
    const sentMs = this.#sends();
    const reply = await askOverTcp(this.address, question, limitMs, call);
    this.#note(reply, sentMs, budget, call);
    return reply;
  }

  async #turn(rate: TokenBucket, call: Outstanding): Promise<void> {
    const waitMs = rate.take();
    if (waitMs > 0) await call.pause(waitMs);
  }

  #sends(): number {
    const nowMs = performance.now();
    // Whoever tries a server that has rested does it for all others.
    if (this.#restsUntilMs !== NEVER && this.#restsUntilMs <= nowMs) this.#restsUntilMs = nowMs + REST_MS;
    return nowMs;
  }

  #note(reply: UdpReply, sentMs: number, budget: Budget, call: Outstanding): void {
    const nowMs = performance.now();
    budget.leftMs -= nowMs - sentMs;
    if (typeof reply === 'object' || reply === 'recased') {
      this.#answeredMs = nowMs;
      this.#restsUntilMs = NEVER;
    } else if (!call.ended && this.#answeredMs < sentMs) {
      // No word about any name since the query went out: it is the server that is silent, not the name.
      this.#restsUntilMs = nowMs + REST_MS;
    }
  }
}
