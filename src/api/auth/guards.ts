import { ServiceUnavailableError } from '../../runtime/errors.ts';
import { invalid, plainError, unauthorized } from '../http/httpErrors.ts';
import type {
  Handler,
  ProjectContext,
  PublicContext,
  RequestContext,
  Route,
  UserContext,
} from '../http/route.ts';
import { addressOf } from './callerAddress.ts';
import { bearerToken } from './credentials.ts';
import { tooManyLogins } from './loginLimiter.ts';
import { readProjectId } from './projectId.ts';

/** A route's handler behind what the route asks of its callers. */
export function guarded(route: Route): Handler<RequestContext> {
  switch (route.auth) {
    case 'none':
      return route.handler;
    case 'anybody':
      return forAnybody(route.handler);
    case 'user':
      return forUser(route.handler);
    case 'project':
      return forUser(forProject(route.handler, route.evenDeleted === true));
  }
}

/** 401 for a token that is wrong, so that nobody finds one here. Who shows none, or cannot be known now, is nobody. */
function forAnybody(handler: Handler<PublicContext>): Handler<RequestContext> {
  const known = forUser(handler);
  return async (context, services) => {
    if (bearerToken(context.req.headers.authorization) === undefined) return handler(context, services);
    try {
      return await known(context, services);
    } catch (error) {
      if (error instanceof ServiceUnavailableError && error.service === 'auth store')
        return handler(context, services);
      throw error;
    }
  };
}

/** 401 unless a known user calls. */
function forUser(handler: Handler<UserContext>): Handler<RequestContext> {
  return async (context, services) => {
    const token = bearerToken(context.req.headers.authorization);
    const login = await services.logins.authenticate(token, addressOf(context.req));
    if (!login.ok) return tooManyLogins(login.retryAfterS);
    const caller = login.value;
    if (caller === undefined) return unauthorized();
    return handler({ ...context, caller, log: context.log.child({ user: caller.user.username }) }, services);
  };
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
    const token = bearerToken(context.req.headers.authorization) ?? '';
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
