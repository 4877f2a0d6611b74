import type { ServerAddress } from './address.ts';
import { NOERROR, NXDOMAIN, type Question } from './message.ts';
import type { Outstanding } from './outstanding.ts';
import { type Budget, DnsServer } from './server.ts';
import type { Reply } from './udp.ts';

/** The name servers as one: what the first cannot answer goes to the next. */
export class DnsServers {
  readonly #servers: readonly DnsServer[];

  /** @param queriesPerSecond for each server; 0: no limit */
  constructor(addresses: readonly ServerAddress[], queriesPerSecond: number) {
    this.#servers = addresses.map((address) => new DnsServer(address, queriesPerSecond));
  }

  /** As configured, for messages. */
  get typed(): string {
    return this.#servers.map(({ address }) => address.typed).join(', ');
  }

  /**
   * Asks one server after the other until one knows the name, or knows that it does not exist. Each gets its part of
   * the budget. Otherwise: what a server said is told rather than that one was silent. Never rejects.
   */
  ask(question: Question, budget: Budget, call: Outstanding): Promise<Reply> {
    const [only, second] = this.#servers;
    return only && !second
      ? only.ask(question, budget.leftMs, budget, call)
      : this.#askInTurn(question, budget, call);
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  async #askInTurn(question: Question, budget: Budget, call: Outstanding): Promise<Reply> {
    const left = new Set(this.#servers);
    let told: Reply = 'unreachable';
    while (left.size > 0 && budget.leftMs > 0) {
      const server = next(left);
      if (!server) break;
      const reply = await server.ask(question, budget.leftMs / left.size, budget, call);
      left.delete(server);
      if (call.ended || settles(reply)) return reply;
      if (typeof reply === 'object' || typeof told === 'string') told = reply;
    }
    return told;
  }
}

/** The first that is awake and may be asked soonest; those that rest come last. */
function next(left: ReadonlySet<DnsServer>): DnsServer | undefined {
  let best: DnsServer | undefined;
  for (const server of left) {
    if (!best || (best.rests && !server.rests)) best = server;
    else if (server.rests === best.rests && server.waitMs < best.waitMs) best = server;
  }
  return best;
}

function settles(reply: Reply): boolean {
  return (
    typeof reply === 'object' &&
    reply.records !== undefined &&
    !reply.truncated &&
    (reply.rcode === NOERROR || reply.rcode === NXDOMAIN)
  );
}
