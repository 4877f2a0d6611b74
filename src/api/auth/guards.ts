import { type Service, ServiceUnavailableError } from '../../runtime/errors.ts';
import { invalid, plainError, unauthorized } from '../http/httpErrors.ts';
import type {
  Handler,
  HttpResponse,
  ProjectContext,
  PublicContext,
  RequestContext,
  Route,
  Services,
  UserContext,
} from '../http/route.ts';
import { addressOf } from './callerAddress.ts';
import { tooManyLogins } from './loginLimiter.ts';
import { readProjectId } from './projectId.ts';
import { type Asked, shownBy } from './shown.ts';

/** A route's handler behind what the route asks of its callers. */
export function guarded(route: Route): Handler<RequestContext> {
  const asked = route.method !== 'GET' || route.acts ? 'acts' : 'reads';
  switch (route.auth) {
    case 'none':
      return route.handler;
    case 'anybody':
      return forAnybody(route.handler);
    case 'user':
      return forUser(route.handler, asked);
    case 'project':
      return forUser(forProject(route.handler, route.evenDeleted === true), asked);
  }
}

/** 401 for a token that is wrong, so that nobody finds one here. Who shows none, or cannot be known now, is nobody. */
function forAnybody(handler: Handler<PublicContext>): Handler<RequestContext> {
  return async (context, services) => {
    const known = await whoCalls(context, 'page', services).catch(nobodyWithout);
    if (known === 'nothing' || known === 'cross_site') return handler(context, services);
    return 'caller' in known ? handler(known, services) : known;
  };
}

/** Without these nobody can say who calls. */
function nobodyWithout(error: unknown): 'nothing' {
  const services: readonly Service[] = ['auth store', 'redis'];
  if (error instanceof ServiceUnavailableError && services.includes(error.service)) return 'nothing';
  throw error;
}

/** 401 unless a known user calls. */
function forUser(handler: Handler<UserContext>, asked: Asked): Handler<RequestContext> {
  return async (context, services) => {
    const known = await whoCalls(context, asked, services);
    if (known === 'cross_site') return plainError('cross_site');
    if (known === 'nothing') return unauthorized();
    return 'caller' in known ? handler(known, services) : known;
  };
}

/** The answer to whoever shows something wrong. */
async function whoCalls(
  context: RequestContext,
  asked: Asked,
  { flows, logins }: Services,
): Promise<UserContext | HttpResponse | 'nothing' | 'cross_site'> {
  const credentials = await shownBy(context.req, asked, flows);
  if (typeof credentials === 'string') return credentials;
  const login = await logins.authenticate(credentials.token, addressOf(context.req));
  if (!login.ok) return tooManyLogins(login.retryAfterS);
  const caller = login.value;
  if (caller === undefined) return unauthorized();
  return { ...context, caller, credentials, log: context.log.child({ user: caller.user.username }) };
}

/** 422 for an id that is none, 404 to admins for an unknown project, 401 to others for one that is not theirs. */
function forProject(handler: Handler<ProjectContext>, evenDeleted: boolean): Handler<UserContext> {
  return async (context, services) => {
    const typed = context.params.project_id ?? '';
    const project = readProjectId(typed);
    if (project === undefined) {
      const problem = { type: 'uuid_parsing', msg: 'Input should be a valid UUID' };
      return invalid([{ ...problem, loc: ['path', 'project_id'], input: typed.slice(0, 100) }]);
    }
    const { token } = context.credentials;
    const handle = () => handler({ ...context, project, log: context.log.child({ project }) }, services);
    const access = await services.logins.access(context.caller, token, project);
    if (!access.ok) return tooManyLogins(access.retryAfterS);
    switch (access.value) {
      case 'unknown':
        return evenDeleted && (await services.queries.hasWork(project))
          ? handle()
          : plainError('unknown_project');
      case 'denied':
        return unauthorized();
      case 'allowed':
        return handle();
    }
  };
}
