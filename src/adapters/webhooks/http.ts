import { Agent, request } from 'undici';
import { messageOf } from '../../runtime/errors.ts';
import { PrivateAddressError, webhookConnector } from './publicAddress.ts';

const TIMEOUT_MS = 10_000;
/** Bytes of an answer that are read, and thrown away. */
const ANSWER_BYTES = 16_384;

export interface WebhookHttp {
  /** POSTs once, and follows no redirects. Gives the status, or why there is none. */
  post(url: string, headers: Record<string, string>, body: string): Promise<number | string>;
  close(): Promise<void>;
}

interface WebhookHttpOptions {
  /** For the whole answer. @default 10_000 */
  timeoutMs?: number;
  /** `address:port` each. @default those of the system */
  dnsServers?: readonly string[];
}

export function createWebhookHttp(
  allowPrivate: boolean,
  { timeoutMs = TIMEOUT_MS, dnsServers }: WebhookHttpOptions = {},
): WebhookHttp {
  // A connection is for one call: two targets must not share what the one leaves behind, nor an address.
  const agent = new Agent({ connect: webhookConnector(allowPrivate, dnsServers), pipelining: 0 });
  return {
    async post(url, headers, body) {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(url, {
          ...{ method: 'POST', dispatcher: agent, signal, body },
          headers: { 'content-type': 'application/json', 'user-agent': 'Tasker', ...headers },
        });
        // What it ends with, or whether it ends, makes no difference: the status is the answer.
        await answer.body.dump({ limit: ANSWER_BYTES, signal }).catch(() => {});
        return answer.statusCode;
      } catch (error) {
        return signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : whyNot(error);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Codes only: a message may have the path in it, and that is a secret of some targets. */
function whyNot(error: unknown): string {
  if (error instanceof PrivateAddressError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === '' ? messageOf(error) : `no connection, or no answer that is HTTP (${code})`;
}
