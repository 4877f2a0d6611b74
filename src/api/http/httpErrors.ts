import { BusyError, QuotaError, type Service, ServiceUnavailableError } from '../../runtime/errors.ts';
import { ERROR_CODES, type ErrorCode, errorRow, type PlainCode } from './errorCodes.ts';
import type { ErrorResponse } from './route.ts';
import type { ValidationError } from './validationErrors.ts';

/** Seconds after which a caller may try again when something is away. */
const RETRY_AFTER = { 'Retry-After': '5' };

interface More {
  headers?: Readonly<Record<string, string>>;
  /** What the body has beside `detail` and `code`. */
  body?: object;
}

/** The one place that builds the answers other than success. */
export function apiError(
  code: ErrorCode,
  detail: string | readonly ValidationError[],
  { headers, body }: More = {},
): ErrorResponse {
  const { status } = errorRow(code);
  const all = { ...(status === 503 && RETRY_AFTER), ...headers };
  return { status, headers: all, body: { detail, code, ...body } };
}

/** One that always says the same. */
export function plainError(code: PlainCode, more?: More): ErrorResponse {
  return apiError(code, ERROR_CODES[code].detail, more);
}

/** Also for a project that the caller may not see: the answer must not tell which projects exist. */
export function unauthorized(challenge = 'Bearer'): ErrorResponse {
  return plainError('invalid_credentials', { headers: { 'WWW-Authenticate': challenge } });
}

export function methodNotAllowed(allowed: readonly string[]): ErrorResponse {
  return plainError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
}

export function tooLarge({ bytes, name }: { bytes: number; name: string }): ErrorResponse {
  return apiError('body_too_large', `The body is larger than the limit of ${bytes} bytes (${name})`);
}

/** `errors_total` stands beside `detail`, which stays the list that callers know. */
export function invalid(detail: readonly ValidationError[], total = detail.length): ErrorResponse {
  return apiError(kindOf(detail), detail, { body: total > detail.length ? { errors_total: total } : {} });
}

function kindOf(detail: readonly ValidationError[]): ErrorCode {
  if (detail.some(({ type }) => type === 'json_invalid')) return 'invalid_json';
  return detail.every(isEntry) ? 'invalid_entry' : 'invalid_request';
}

/** One that names an item of a list of entries, and not a field in it. */
function isEntry({ type, loc: [, list, index, field] }: ValidationError): boolean {
  const inList = (list === 'hosts' || list === 'exclude') && typeof index === 'number';
  return type === 'value_error' && inList && field === undefined;
}

const AWAY: Readonly<Record<Service, ErrorCode>> = {
  redis: 'redis_away',
  rabbitmq: 'rabbitmq_away',
  ledger: 'ledger_away',
  'auth store': 'auth_store_away',
  dns: 'dns_away',
  'exclusions file': 'exclusions_file_unreadable',
};

/** The answer to something thrown; with status 500 it is a defect of ours. */
export function answerToError(error: unknown, requestId: string): ErrorResponse {
  if (error instanceof ServiceUnavailableError) return apiError(AWAY[error.service], awayDetail(error));
  if (error instanceof BusyError) return apiError('busy', error.message);
  if (error instanceof QuotaError) {
    const { message, retryAfterS } = error;
    const headers = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
    return apiError('quota_exceeded', message, { headers });
  }
  if (isClientFault(error)) return plainError('bad_request');
  return plainError('internal_error', { body: { request_id: requestId } });
}

function awayDetail({ service, message }: ServiceUnavailableError): string {
  // Whoever cannot be authenticated now must not learn where the users are kept.
  if (service === 'auth store') return ERROR_CODES.auth_store_away.detail;
  return message.toLowerCase().startsWith(service) ? message : `${service} does not answer: ${message}`;
}

/** Express and its parsers throw errors with a `status`, for a path that cannot be decoded, say. */
function isClientFault(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error)) return false;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500;
}
