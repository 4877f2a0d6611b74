import type { ServerAddress } from './address.ts';
import { NOERROR, NXDOMAIN, type Question } from './message.ts';
import { type Attempt, DnsServer, type OnQuery } from './server.ts';
import type { Reply } from './udp.ts';

/** The name servers as one: what the first cannot answer goes to the next. */
export class DnsServers {
  /** As configured, for messages. */
  readonly typed: string;
  readonly #servers: readonly DnsServer[];

  /**
   * @param queriesPerSecond for each server; 0: no limit
   * @param closing ends everything that is out
   */
  constructor(
    addresses: readonly ServerAddress[],
    queriesPerSecond: number,
    closing: AbortSignal,
    onQuery?: OnQuery,
  ) {
    this.typed = addresses.map(({ typed }) => typed).join(', ');
    this.#servers = addresses.map((address) => new DnsServer(address, queriesPerSecond, closing, onQuery));
  }

  /**
   * Asks one server after the other until one knows the name, or knows that it does not exist. Each gets its part of
   * what is left. Otherwise: what a server said is told rather than that one was silent. Never rejects.
   */
  async ask(question: Question, attempt: Attempt): Promise<Reply> {
    const left = new Set(this.#servers);
    let told: Reply = 'unreachable';
    while (attempt.leftMs > 0) {
      const server = next(left);
      if (!server) break;
      const reply = await server.ask(question, attempt.leftMs / left.size, attempt);
      left.delete(server);
      if (settles(reply)) return reply;
      if (typeof reply === 'object' || typeof told === 'string') told = reply;
    }
    return told;
  }
}

/** The first that is awake and may be asked soonest; those that rest come last. */
function next(left: ReadonlySet<DnsServer>): DnsServer | undefined {
  const [server] = [...left].sort((a, b) => Number(a.rests) - Number(b.rests) || a.waitMs - b.waitMs);
  return server;
}

function settles(reply: Reply): boolean {
  if (typeof reply === 'string' || !reply.records || reply.truncated) return false;
  return reply.rcode === NOERROR || reply.rcode === NXDOMAIN;
}
