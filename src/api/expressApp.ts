import express, { type Express, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { methodNotAllowed, notFound } from './apiErrors.ts';
import { BOARD_PATH, boardRouter } from './board.ts';
import { docsRouter } from './docs.ts';
import { HungUpError } from './hungUp.ts';
import { openapiDocument } from './openapi.ts';
import { guarded } from './preconditions.ts';
import { requestLog } from './requestLog.ts';
import { respond, respondToError } from './respond.ts';
import type { Answer, Call, Handler, Route, Services } from './route.ts';
import { ROUTES } from './routes.ts';

interface Guards {
  /** Before everything else where something is planned: it turns away for next to nothing. */
  planning: RequestHandler;
  /** Before everything that authenticates. */
  logins: RequestHandler;
  /** Tells the audit trail who was not let in. */
  refused: RequestHandler;
}

/** The route table as an Express application. */
export function expressApp(services: Services, { planning, logins, refused }: Guards): Express {
  const app = express();
  app.disable('etag').disable('x-powered-by').enable('case sensitive routing').set('query parser', false);
  for (const { path } of ROUTES.filter(({ isPlanned }) => isPlanned)) app.post(undecoded(path), planning);
  app.use(requestLog(services.log), securityHeaders(services.config.tls !== undefined));
  app.use(refused);
  const pathsFor = (kinds: Route['auth'][]) => pathsOf(ROUTES.filter(({ auth }) => kinds.includes(auth)));
  app.all(pathsFor(['user', 'project']), logins).use(BOARD_PATH, logins);
  app.all(pathsFor(['anybody']), (req, res, next) =>
    req.headers.authorization === undefined ? next() : logins(req, res, next),
  );
  for (const [path, handlers] of byPath(ROUTES)) app.all(expressPath(path), endpoint(handlers, services));
  if (services.config.docs) app.use(docsRouter(openapiDocument(ROUTES)));
  app.use(boardRouter(services));
  app.use((_req, res) => respond(res, notFound(), services.log));
  app.use(((error, req, res, _next) =>
    respondToError(res, error, req.log)) satisfies express.ErrorRequestHandler);
  return app;
}

/**
 * Helmet's defaults suit the docs and the board. What only makes sense behind HTTPS is left out without it, and no
 * page fetches anything from elsewhere: the board would ask for fonts.
 */
function securityHeaders(https: boolean): RequestHandler {
  const directives = {
    styleSrc: ["'self'", "'unsafe-inline'"],
    fontSrc: ["'self'", 'data:'],
    ...(https ? {} : { upgradeInsecureRequests: null }),
  };
  return helmet({ contentSecurityPolicy: { directives }, strictTransportSecurity: https });
}

function byPath(routes: readonly Route[]): Map<string, Map<string, Handler<Call>>> {
  const paths = new Map<string, Map<string, Handler<Call>>>();
  for (const route of routes) {
    const handlers = paths.get(route.path) ?? new Map<string, Handler<Call>>();
    paths.set(route.path, handlers.set(route.method, guarded(route)));
  }
  return paths;
}

function pathsOf(routes: readonly Route[]): string[] {
  return [...new Set(routes.map(({ path }) => expressPath(path)))];
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Matches the path as it was sent: a parameter that cannot be decoded is the business of those who log and answer. */
function undecoded(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}

/** All methods of one path. HEAD is not taken for GET: one of our GETs stops scans. */
function endpoint(handlers: ReadonlyMap<string, Handler<Call>>, services: Services): RequestHandler {
  return async (req, res) => {
    const { log } = req;
    const handler = handlers.get(req.method);
    const call: Call = {
      ...{ req, res, params: textParams(req.params), log, startedAt: Date.now() },
      signal: hangUpSignal(res),
    };
    const answer: Answer = handler ? await handler(call, services) : methodNotAllowed([...handlers.keys()]);
    await respond(res, answer, log);
  };
}

function hangUpSignal(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort(new HungUpError());
  });
  return gone.signal;
}

function textParams(params: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}
