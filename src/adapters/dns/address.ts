import { getServers } from 'node:dns';
import { isIP } from 'node:net';

export interface ServerAddress {
  host: string;
  port: number;
  family: 4 | 6;
  /** As configured. */
  typed: string;
}

const DNS_PORT = 53;

/** `address`, `address:port` or `[IPv6 address]:port` each; the system's when there are none. Throws on anything else. */
export function serverAddresses(typed: readonly string[] = getServers()): ServerAddress[] {
  return typed.map((item) => {
    const [, bracketed, plain, port] =
      /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(item) === 6 ? `[${item}]` : item) ?? [];
    const host = bracketed ?? plain ?? '';
    const family = isIP(host);
    if (family === 0) throw new TypeError(`"${item}" is no address of a name server`);
    return { host, port: Number(port ?? DNS_PORT), family: family === 6 ? 6 : 4, typed: item };
  });
}
