import { errorSchema } from './answerSchemas.ts';

/** Answers that several routes give. */

export const BODY_ERRORS = {
  400: errorAnswer('The body cannot be read', 'The body cannot be read: incorrect header check'),
  408: errorAnswer('The body stopped coming', 'Nothing of the body came for 30 s'),
  413: errorAnswer(
    'The body is too large, or packed too densely',
    'The body is larger than the limit of 4194304 bytes (a list of exclusions)',
  ),
  415: errorAnswer(
    'Unknown content encoding',
    'The body cannot be read: unsupported content encoding: send gzip, deflate, br or none',
  ),
};

export const SCAN_BODY_ERRORS = {
  ...BODY_ERRORS,
  413: errorAnswer(
    'The body is too large, or packed too densely',
    'The body is larger than the limit of 33554432 bytes (MAX_BODY)',
  ),
};

/** Beside too many wrong credentials, which every route may answer with. */
export const SCAN_QUOTA_ERRORS = {
  429: errorAnswer(
    'The project, or the user in all projects, has as many open scans, plans or stored bytes as may be. Or too many wrong credentials came from this address',
    'the project has 500 open scans and plans, and 500 is the limit (MAX_OPEN_SUBMISSIONS): wait until some have ended',
  ),
};

export const EXCLUSION_QUOTA_ERRORS = {
  429: errorAnswer(
    'The project would have more exclusions than may be; nothing was changed. Or too many wrong credentials came from this address',
    'a project has 20000 exclusions at most (MAX_EXCLUSIONS): remove some',
  ),
};

export const FORBIDDEN = errorAnswer(
  'Not for this caller',
  'The audit trail of the installation is for admins',
);

export const LOCKED = errorAnswer(
  'An admin made it, or it is locked; nothing was changed',
  'what an admin excluded, or what is locked, only an admin ends or changes: 203.0.113.0/28 (admin); nothing was changed',
);

export function errorAnswer(description: string, detail: string) {
  return { description, schema: errorSchema, example: { detail } };
}
