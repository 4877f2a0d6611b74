import { Agent, request } from 'undici';
import type { ScanledgerConfig } from '../config.ts';
import { AwayError, messageOf, type Service } from '../errors.ts';
import { trustingConnector } from './scanledgerTrust.ts';

export interface TimeLimits {
  /** @default 10000 */
  connectMs?: number;
  /** From sending a request to the last byte of its answer. @default 30000 */
  answerMs?: number;
}

export interface Question {
  /** @default 'GET' */
  method?: 'GET' | 'POST';
  /** Below the base URL, with its query. */
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  signal?: AbortSignal | undefined;
}

interface Answer {
  status: number;
  /** Parsed JSON when the status is below 300, else undefined. */
  body: unknown;
}

/** ScanLedger over HTTP, for one base URL and any token. Tokens never reach an error's text. */
export interface ScanledgerHttp {
  /**
   * Throws AwayError on network errors, time-outs, 429, 5xx and a good status without JSON, and the signal's
   * reason when it is aborted. Every other status is an answer.
   */
  send(token: string, question: Question): Promise<Answer>;
  /** The error for an answer that makes no sense. */
  nonsense(path: string, what: string): AwayError;
  close(): Promise<void>;
}

export interface ScanledgerHttpOptions extends ScanledgerConfig {
  /** Named in the errors. */
  service: Service;
  limits?: TimeLimits | undefined;
}

/** Opens no connection before the first request. Throws on a base URL that is none. */
export function createScanledgerHttp(options: ScanledgerHttpOptions): ScanledgerHttp {
  const { service, limits: { connectMs = 10_000, answerMs = 30_000 } = {} } = options;
  const { origin, pathname } = new URL(options.baseUrl);
  const baseUrl = `${origin}${pathname.replace(/\/+$/, '')}`;
  const agent = new Agent({ connect: trustingConnector(options, connectMs) });
  const away = (why: string, cause?: unknown) =>
    new AwayError(service, `ScanLedger at ${baseUrl}: ${why}`, cause === undefined ? {} : { cause });

  return {
    async send(token, { method = 'GET', path, json, signal }) {
      signal?.throwIfAborted();
      const limit = AbortSignal.timeout(answerMs);
      let status: number;
      let text: string;
      try {
        const response = await request(`${baseUrl}${path}`, {
          method,
          dispatcher: agent,
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: json === undefined ? null : JSON.stringify(json),
        });
        status = response.statusCode;
        text = await response.body.text();
      } catch (error) {
        signal?.throwIfAborted();
        throw away(limit.aborted ? `no full answer within ${answerMs} ms` : whyNot(error), error);
      }
      if (status === 429 || status >= 500) throw away(`answered ${status} to ${method} ${path}`);
      if (status >= 300) return { status, body: undefined };
      try {
        return { status, body: JSON.parse(text) as unknown };
      } catch {
        throw away(`answered ${status} to ${method} ${path}, but not with JSON; is that ScanLedger?`);
      }
    },
    nonsense: (path, what) => away(`nonsense answer to ${path}: ${what}`),
    close: () => agent.destroy(),
  };
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return messageOf(error) || code || 'no answer';
}
