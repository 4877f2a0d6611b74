import { type Actor, lostTo } from '../../adapters/audit/entry.ts';
import { auditEntry, auditNote } from '../audit/note.ts';
import { addressOf } from '../auth/callerAddress.ts';
import { tooManyLogins } from '../auth/loginLimiter.ts';
import { isSameOrigin, isSurelySameOrigin } from '../auth/origin.ts';
import { readObject } from '../body/objectBody.ts';
import { plainError, unauthorized } from '../http/httpErrors.ts';
import type { HttpResponse, RequestContext, Services, UserContext } from '../http/route.ts';
import { clearCookie, sessionCookie, setCookie } from './cookie.ts';
import { type LogIn, logInSchema } from './schemas.ts';

/** POST /session. A page of another site must not log a browser in either: as somebody whom it chooses. */
export async function logIn(context: RequestContext, services: Services): Promise<HttpResponse> {
  const { req, log } = context;
  const { logins, flows, loginRoom } = services;
  if (!isSameOrigin(req.headers)) return plainError('cross_site');
  const read = await readObject(context, { ...services, bodyRoom: loginRoom }, logInSchema);
  if (!read.ok) return read.answer;
  const from = addressOf(req);
  const shown = await tokenOf(read.value, from, services);
  if (!shown.ok) return tooManyLogins(shown.retryAfterS);
  const login = await logins.authenticate(shown.value, from);
  if (!login.ok) return tooManyLogins(login.retryAfterS);
  const caller = login.value;
  if (caller === undefined || shown.value === undefined) return unauthorized();
  const on = { with: read.value.code === undefined ? 'token' : 'link' };
  const note = auditNote({ req, caller, log }, services, 'session.begun', { on });
  const { secret, expiresAt } = await flows.sessions.begin(caller, shown.value, note);
  log.info({ user: caller.user.username, ...on }, 'session begun');
  return {
    status: 200,
    headers: { 'Set-Cookie': setCookie(secret, req.secure) },
    body: { user: caller.user, admin: caller.admin, expires_at: expiresAt },
  };
}

async function tokenOf({ token, code }: LogIn, from: string, { logins, flows }: Services) {
  if (code === undefined) return { ok: true as const, value: token };
  return logins.useCode(from, async () => (await flows.sessions.useLink(code))?.token);
}

/** GET /session */
export async function currentSession({ caller, credentials }: UserContext): Promise<HttpResponse> {
  const expires_at = credentials.session?.expiresAt ?? null;
  return { status: 200, body: { user: caller.user, admin: caller.admin, expires_at } };
}

/** DELETE /session: also for a user who is one no more. */
export async function logOut({ req, log }: RequestContext, services: Services): Promise<HttpResponse> {
  const secret = sessionCookie(req.headers.cookie);
  if (secret !== undefined && !isSurelySameOrigin(req.headers)) return plainError('cross_site');
  const noteFor = (user: Actor) => {
    const entry = auditEntry({ req, user }, 'session.ended');
    return { entry, keep: services.config.auditKeep, file: services.auditFile, lost: lostTo(log) };
  };
  const ended = secret !== undefined && (await services.flows.sessions.end(secret, noteFor));
  return { status: 200, headers: { 'Set-Cookie': clearCookie(req.secure) }, body: { ended } };
}

/** POST /session/links */
export async function makeLink(context: UserContext, services: Services): Promise<HttpResponse> {
  const note = auditNote(context, services, 'session.link_made');
  const { token } = context.credentials;
  const { secret, expiresAt } = await services.flows.sessions.makeLink(context.caller, token, note);
  return { status: 200, body: { code: secret, expires_at: expiresAt } };
}
