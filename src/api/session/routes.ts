import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import * as shape from './schemas.ts';
import { currentSession, logIn, logOut, makeLink } from './session.ts';

const SESSION = documented('Who is logged in', shape.sessionSchema, shape.sessionExample);

export const SESSION_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/session',
    auth: 'none',
    handler: logIn,
    operationId: 'makeSession',
    tag: 'Sessions',
    summary: 'Log a browser in',
    description:
      'Sets the cookie `tasker_session` for 12 hours: a browser that has it needs no `Authorization`, as long as the token is good. Calls with it have to come from a page of this server. Wrong tokens and codes are counted and limited as everywhere.',
    body: { schema: shape.logInSchema, example: { token: 's3cret' } },
    answer: SESSION,
    errors: [
      ...(['invalid_credentials', 'too_many_logins', 'cross_site', 'invalid_request'] as const),
      ...(['redis_away', 'auth_store_away'] as const),
    ],
  },
  {
    method: 'GET',
    path: '/session',
    auth: 'user',
    handler: currentSession,
    operationId: 'getSession',
    tag: 'Sessions',
    summary: 'Who is logged in',
    answer: SESSION,
  },
  {
    method: 'DELETE',
    path: '/session',
    auth: 'none',
    handler: logOut,
    operationId: 'deleteSession',
    tag: 'Sessions',
    summary: 'Log out',
    description: 'The session ends at once and the cookie is cleared, also when the token is good no more.',
    answer: documented('Logged out', shape.endedSchema, { ended: true }),
    errors: ['cross_site', 'redis_away'],
  },
  {
    method: 'POST',
    path: '/session/links',
    auth: 'user',
    handler: makeLink,
    operationId: 'makeSessionLink',
    tag: 'Sessions',
    summary: 'Make a link that logs a browser in, once',
    description:
      'The link is `/#login=<code>`. It is good for 10 minutes, for one log-in as whoever made it.',
    answer: documented('Made', shape.loginLinkSchema, shape.loginLinkExample),
  },
];
