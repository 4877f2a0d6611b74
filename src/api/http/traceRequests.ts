import type { Request, RequestHandler } from 'express';
import type { Tracing } from '../../runtime/tracing.ts';
import { routeName } from './routeName.ts';

/**
 * Requests that change something begin a trace, and get its id in `X-Trace-Id`. Those that only read are too many to be
 * worth one, unless their caller has begun it.
 */
export function traceRequests(tracing: Tracing): RequestHandler {
  return (req, res, next) => {
    const traceparent = headerOf(req, 'traceparent');
    if (req.method === 'GET' && traceparent === undefined) return next();
    tracing.request({ traceparent, tracestate: headerOf(req, 'tracestate') }, (request) => {
      res.setHeader('X-Trace-Id', request.id);
      request.bind(res);
      res.once('close', () => {
        const route = routeName(res);
        const { method } = req;
        const attributes = {
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': res.statusCode,
        };
        request.end(`${method} ${route}`, attributes, res.statusCode >= 500);
      });
      next();
    });
  };
}

function headerOf({ headers }: Request, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
