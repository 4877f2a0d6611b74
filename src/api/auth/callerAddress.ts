import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address that calls, for limits and for logs. Behind proxies that TRUST_PROXY names it is what they say; a text
 * that is no address is not believed.
 */
export function addressOf(req: IncomingMessage & { ip?: string | undefined }): string {
  const told = req.ip ?? '';
  return (isIP(told) ? told : req.socket.remoteAddress) ?? 'unknown';
}
