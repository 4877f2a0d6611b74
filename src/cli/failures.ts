/** What went wrong, in one line that says what to do, and with which code the command ends. */
import { ApiError, ForeignAnswer, type Schema } from '../client/client.ts';
import { messageOf, PermanentError } from '../runtime/errors.ts';
import { EXIT, Exit } from './exitCodes.ts';

/** Whom the command asked, and as whom. */
interface Asked {
  url: string;
  token?: string;
}

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|HOSTNAME_MISMATCH)/;
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];
/** What `fetch` says of a body that ends in the middle. */
const BROKEN_OFF = 'terminated';

/** Commands that help on. */
const HINTS: Readonly<Partial<Record<Schema<'ErrorCode'>, string>>> = {
  unknown_submission: ': tasker list shows what there is; a scan goes 24 hours after its end',
  unknown_plan: ': tasker plans list shows what there is; a plan goes after 24 hours',
  unknown_receipt: ': tasker exclude list shows them',
  scope_changed: ': make a new plan with tasker plan',
};

export function exitOf(thrown: unknown, asked?: Asked): Exit {
  if (thrown instanceof Exit) return thrown;
  if (thrown instanceof PermanentError) return new Exit(EXIT.usage, thrown.message);
  if (asked !== undefined) {
    const { url } = asked;
    if (thrown instanceof ForeignAnswer) return new Exit(EXIT.unreachable, `${url}: ${thrown.message}`);
    if (thrown instanceof ApiError) return refusal(thrown, asked);
    const code = connectionCode(thrown);
    if (code !== undefined && messageOf(thrown) === BROKEN_OFF)
      return new Exit(EXIT.unreachable, `the answer of ${url} broke off (${code}): ask again`);
    if (code !== undefined) return noConnection(code, url);
  }
  return new Exit(EXIT.defect, `a defect of tasker: ${messageOf(thrown)}`);
}

function refusal(error: ApiError, { url, token }: Asked): Exit {
  const { status, body, message, code, retryAfterS } = error;
  if (status >= 300 && status < 400)
    return new Exit(EXIT.unreachable, `${url} leads elsewhere (status ${status}): set TASKER_URL to where`);
  if (code === undefined)
    return new Exit(EXIT.unreachable, `${url}: what answers is not Tasker (status ${status})`);
  if (status === 401) {
    const why = token
      ? 'the token is not valid, or the project is not one of yours: tasker login, or another --project'
      : 'no token: tasker login, or set TASKER_TOKEN';
    return new Exit(EXIT.notAllowed, why, [], body);
  }
  if (status === 403) return new Exit(EXIT.notAllowed, message, [], body);
  if (status === 500) return new Exit(EXIT.busy, `a defect of the server: ${message}`, [], body);
  if (status === 429 || status === 503) {
    const when = retryAfterS === undefined ? '' : `; ask again in ${retryAfterS} s`;
    return new Exit(EXIT.busy, `${message}${when}`, [], body);
  }
  return new Exit(EXIT.refused, message + (HINTS[code] ?? ''), [], body);
}

function noConnection(code: string, url: string): Exit {
  if (CERTIFICATE.test(code)) {
    const what = `the certificate of ${url} is not known here (${code})`;
    return new Exit(EXIT.certificate, `${what}: name its file with --ca FILE`);
  }
  if (NO_TLS.includes(code))
    return new Exit(EXIT.unreachable, `${url} speaks no TLS (${code}): write http:// if that is meant`);
  if (code === 'UND_ERR_SOCKET' && url.startsWith('http:'))
    return new Exit(EXIT.unreachable, `${url} hangs up (${code}): does it want https://?`);
  const what = `no server at ${url} (${code})`;
  return new Exit(EXIT.unreachable, `${what}: start Tasker there, or set TASKER_URL to where it is`);
}

/** The code of what `fetch` throws when nobody answers; undefined: it is something else. */
export function connectionCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  const [first]: unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown.cause];
  // Ports that browsers never ask have no code.
  return connectionCode(first) ?? (thrown.message === 'bad port' ? thrown.message : undefined);
}
