import { ERROR_CODES, type ErrorCode, type ErrorStatus, errorRow } from '../http/errorCodes.ts';
import type { DocumentedResponse, Route } from '../http/route.ts';
import { errorSchema, invalidSchema } from './answerSchemas.ts';
import { badProjectExample, invalidExample, REQUEST_ID } from './examples.ts';

const EVERY_ROUTE: readonly ErrorCode[] = ['internal_error', 'ambiguous_request', 'bad_request'];
const KNOWN_CALLERS: readonly ErrorCode[] = ['invalid_credentials', 'too_many_logins'];
const USERS: readonly ErrorCode[] = [...KNOWN_CALLERS, 'cross_site', 'redis_away', 'auth_store_away'];

const BY_AUTH: Readonly<Record<Route['auth'], readonly ErrorCode[]>> = {
  none: [],
  anybody: KNOWN_CALLERS,
  user: USERS,
  project: [...USERS, 'unknown_project', 'invalid_request'],
};

const WITH_BODY: readonly ErrorCode[] = [
  ...(['invalid_entry', 'invalid_json', 'unreadable_body', 'body_too_slow', 'body_too_large'] as const),
  ...(['body_too_dense', 'unsupported_encoding', 'body_room_full'] as const),
];

const PLANNED: readonly ErrorCode[] = [
  ...(['quota_exceeded', 'scope_refused', 'stage_gave_up', 'planning_full'] as const),
  ...(['exclusions_file_unreadable', 'busy'] as const),
];

/** Every code that a route may answer with: its own first, then those that follow from what it is. */
export function codesOf({ auth, errors = [], body, query, isPlanned }: Route): ErrorCode[] {
  return [
    ...new Set([
      ...errors,
      ...(isPlanned ? PLANNED : []),
      ...(body ? WITH_BODY : []),
      ...(query ? (['invalid_request'] as const) : []),
      ...BY_AUTH[auth],
      ...EVERY_ROUTE,
    ]),
  ];
}

/** The answers other than success, by status: each tells its codes and what they mean. */
export function errorResponses(route: Route): Record<number, DocumentedResponse> {
  const codes = codesOf(route);
  const statuses = new Set(codes.map((code) => ERROR_CODES[code].status));
  const bodies = Array.from(statuses, (status) => {
    const ofStatus = codes.filter((code) => ERROR_CODES[code].status === status);
    return [status, { ...bodyOf(status, ofStatus), ...route.errorBodies?.[status] }] as const;
  });
  return Object.fromEntries(bodies);
}

function bodyOf(status: ErrorStatus, codes: readonly ErrorCode[]): DocumentedResponse {
  const description = codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].meaning}`).join('\n\n');
  const [code = 'internal_error'] = codes;
  if (status === 422) {
    const example = code === 'invalid_request' ? badProjectExample : invalidExample;
    return { description, schema: invalidSchema, example };
  }
  const request = status === 500 ? { request_id: REQUEST_ID } : {};
  const { detail, example = detail } = errorRow(code);
  return { description, schema: errorSchema, example: { detail: example, code, ...request } };
}
