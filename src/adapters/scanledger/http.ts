import { Agent, request } from 'undici';
import type { ScanledgerConfig } from '../../config/config.ts';
import { messageOf, type Service, ServiceUnavailableError } from '../../runtime/errors.ts';
import { answerReader, TooMuch } from './answers.ts';
import type { AnswerLimits } from './limits.ts';
import { trustingConnector } from './trust.ts';

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
   * Throws ServiceUnavailableError on network errors, time-outs, 429, 5xx and a good status without JSON, {@link TooLong}, and the
   * signal's reason when it is aborted. Every other status is an answer, redirects too: the token goes nowhere else.
   */
  send(token: string, question: Question): Promise<Answer>;
  /** The error for an answer that makes no sense. */
  nonsense(path: string, what: string): ServiceUnavailableError;
  close(): Promise<void>;
}

/** The answer is more than is taken. Asking for less may help. */
export class TooLong extends ServiceUnavailableError {}

export interface ScanledgerHttpOptions extends ScanledgerConfig {
  /** Named in the errors. */
  service: Service;
  limits: AnswerLimits;
}

/** Opens no connection before the first request. Throws on a base URL that is none. */
export function createScanledgerHttp(options: ScanledgerHttpOptions): ScanledgerHttp {
  const { service, limits } = options;
  const { origin, pathname } = new URL(options.baseUrl);
  const baseUrl = `${origin}${pathname.replace(/\/+$/, '')}`;
  // It follows no redirects: that would take an interceptor.
  const agent = new Agent({ connect: trustingConnector(options, limits.connectMs) });
  const read = answerReader(limits);
  const told = (why: string) => `ScanLedger at ${baseUrl}: ${why}`;
  const away = (why: string, cause?: unknown) =>
    new ServiceUnavailableError(service, told(why), cause === undefined ? {} : { cause });

  return {
    async send(token, { method = 'GET', path, json, signal }) {
      signal?.throwIfAborted();
      const limit = AbortSignal.timeout(limits.answerMs);
      const asked = `${method} ${path}`;
      let status = 0;
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
        if (status < 300) return { status, body: await read(response.body) };
        // What it ends with, or whether it ends, makes no difference: the status is the answer.
        await response.body.dump({ limit: limits.errorBytes });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof TooMuch)
          throw new TooLong(service, told(`its answer to ${asked} is too long: ${error.message}`));
        if (error instanceof SyntaxError)
          throw away(`answered ${status} to ${asked}, but not with JSON; is that ScanLedger?`);
        throw away(limit.aborted ? `no full answer within ${limits.answerMs} ms` : whyNot(error), error);
      }
      signal?.throwIfAborted();
      if (status === 429 || status >= 500) throw away(`answered ${status} to ${asked}`);
      return { status, body: undefined };
    },
    nonsense: (path, what) => away(`nonsense answer to ${path}: ${what}`),
    close: () => agent.destroy(),
  };
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return messageOf(error) || code || 'no answer';
}
