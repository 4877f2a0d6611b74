import { BusyError, QuotaError, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { HttpResponse } from './route.ts';
import type { ValidationError } from './validationErrors.ts';

/** Seconds after which a caller may try again when something is away. */
const RETRY_AFTER = { 'Retry-After': '5' };

/** The one place that builds the bodies of answers other than success. */
export function apiError(status: number, detail: string, headers?: Record<string, string>): HttpResponse {
  return { status, body: { detail }, ...(headers && { headers }) };
}

/** Also for a project that the caller may not see: the answer must not tell which projects exist. */
export function unauthorized(challenge = 'Bearer'): HttpResponse {
  return apiError(401, 'Invalid authentication credentials', { 'WWW-Authenticate': challenge });
}

export function notFound(what?: string): HttpResponse {
  return apiError(404, what === undefined ? 'Not Found' : `${what} not found`);
}

export function methodNotAllowed(allowed: readonly string[]): HttpResponse {
  return apiError(405, 'Method Not Allowed', { Allow: allowed.join(', ') });
}

export function tooLarge({ bytes, name }: { bytes: number; name: string }): HttpResponse {
  return apiError(413, `The body is larger than the limit of ${bytes} bytes (${name})`);
}

/** `errors_total` stands beside `detail`, which stays the list that callers know. */
export function invalid(detail: readonly ValidationError[], total = detail.length): HttpResponse {
  return { status: 422, body: { detail, ...(total > detail.length && { errors_total: total }) } };
}

export function away(detail: string, more: object = {}): HttpResponse {
  return { status: 503, body: { detail, ...more }, headers: RETRY_AFTER };
}

/** The answer to something thrown, and whether it is a defect of ours. */
export function answerToError(error: unknown, requestId: string): { answer: HttpResponse; defect: boolean } {
  if (error instanceof ServiceUnavailableError) return { answer: away(awayDetail(error)), defect: false };
  if (error instanceof BusyError) return { answer: away(error.message), defect: false };
  if (error instanceof QuotaError) return { answer: quotaExceeded(error), defect: false };
  const status = clientFault(error);
  if (status !== undefined) return { answer: apiError(status, 'Bad Request'), defect: false };
  const body = { detail: 'Internal Server Error', request_id: requestId };
  return { answer: { status: 500, body }, defect: true };
}

function quotaExceeded({ message, retryAfterS }: QuotaError): HttpResponse {
  return apiError(
    429,
    message,
    retryAfterS === undefined ? undefined : { 'Retry-After': String(retryAfterS) },
  );
}

function awayDetail({ service, message }: ServiceUnavailableError): string {
  // Whoever cannot be authenticated now must not learn where the users are kept.
  if (service === 'auth store') return 'the auth store does not answer';
  return message.toLowerCase().startsWith(service) ? message : `${service} does not answer: ${message}`;
}

/** Express and its parsers throw errors with a `status`, for a path that cannot be decoded, say. */
function clientFault(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
