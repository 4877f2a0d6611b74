import express, { type Express, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Tracing } from '../runtime/tracing.ts';
import { guarded } from './auth/guards.ts';
import { BOARD_PATH, boardRouter } from './board/board.ts';
import { nothingBehindTheLast } from './http/endingConnections.ts';
import { methodNotAllowed, plainError } from './http/httpErrors.ts';
import { HungUpError } from './http/hungUp.ts';
import { oneReading } from './http/oneReading.ts';
import { requestLog } from './http/requestLog.ts';
import type { Handler, HttpResponse, RequestContext, Route, Services } from './http/route.ts';
import { ofRoute } from './http/routeName.ts';
import { respondToError, sendResponse } from './http/sendResponse.ts';
import { traceRequests } from './http/traceRequests.ts';
import { METRICS_PATH, metricsHandler } from './metrics/metrics.ts';
import type { Metrics } from './metrics/openMetrics.ts';
import { docsRouter } from './openapi/docs.ts';
import { openapiDocument } from './openapi/document.ts';
import { ROUTES } from './routes.ts';

interface Around {
  /** Before everything else where something is planned: it turns away for next to nothing. */
  planning: RequestHandler;
  /** Tells the audit trail who was not let in. */
  refused: RequestHandler;
  /** undefined: nothing is counted, and there is no `/metrics`. */
  metrics: Metrics | undefined;
  /** undefined: nothing is traced. */
  tracing: Tracing | undefined;
}

/** The route table as an Express application. */
export function expressApp(services: Services, { planning, refused, metrics, tracing }: Around): Express {
  const app = express();
  app.disable('etag').disable('x-powered-by').enable('case sensitive routing').set('query parser', false);
  app.set('trust proxy', services.config.trustProxy ?? false);
  app.use(nothingBehindTheLast);
  if (metrics) app.use(metrics.watch);
  for (const { path } of ROUTES.filter(({ isPlanned }) => isPlanned))
    app.post(undecoded(path), ofRoute(path), planning);
  const reads = ROUTES.filter(({ method, untraced }) => method === 'GET' && !untraced);
  if (tracing)
    app.use(
      traceRequests(
        tracing,
        reads.map(({ path }) => undecoded(path)),
      ),
    );
  const headers = securityHeaders(services.config.tls !== undefined);
  app.use(requestLog(services.log), headers, notStored, refused, oneReading(services));
  for (const [path, handlers] of byPath(ROUTES))
    app.all(expressPath(path), ofRoute(path), endpoint(handlers, services));
  const scraped = metrics && new Map([['GET', metricsHandler(metrics)]]);
  if (scraped) app.all(METRICS_PATH, ofRoute(METRICS_PATH), endpoint(scraped, services));
  if (services.config.docs) app.use(docsRouter(openapiDocument(ROUTES)));
  app.use(BOARD_PATH, ofRoute(BOARD_PATH));
  app.use(boardRouter(services));
  if (services.console) app.use(services.console.router);
  app.use((_req, res) => sendResponse(res, plainError('unknown_path'), services.log));
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

/** Answers tell what is scanned, and for whom: no browser and no proxy keeps them. */
const notStored: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

function byPath(routes: readonly Route[]): Map<string, Map<string, Handler<RequestContext>>> {
  const paths = new Map<string, Map<string, Handler<RequestContext>>>();
  for (const route of routes) {
    const handlers = paths.get(route.path) ?? new Map<string, Handler<RequestContext>>();
    paths.set(route.path, handlers.set(route.method, guarded(route)));
  }
  return paths;
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Matches the path as it was sent: a parameter that cannot be decoded is the business of those who log and answer. */
function undecoded(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}

/** All methods of one path. HEAD is not taken for GET: one of our GETs stops scans. */
function endpoint(
  handlers: ReadonlyMap<string, Handler<RequestContext>>,
  services: Services,
): RequestHandler {
  return async (req, res) => {
    const { log } = req;
    const handler = handlers.get(req.method);
    const last: (() => void)[] = [];
    const context: RequestContext = {
      ...{ req, res, params: textParams(req.params), log, startedAt: Date.now() },
      signal: hangUpSignal(res),
      afterwards: (done) => void last.push(done),
    };
    try {
      const answer: HttpResponse = handler
        ? await handler(context, services)
        : methodNotAllowed([...handlers.keys()]);
      await sendResponse(res, answer, log);
    } finally {
      for (const done of last) done();
    }
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
