import type { Request, RequestHandler } from 'express';
import type { Tracing } from '../../runtime/tracing.ts';
import { routeName } from './routeName.ts';

/**
 * Requests begin a trace, or go on with that of their caller, and get its id in `X-Trace-Id`. A GET begins one only when
 * its path is among `reads`: files of the console and questions of monitors are traces of nothing.
 */
export function traceRequests(tracing: Tracing, reads: readonly RegExp[]): RequestHandler {
  return (req, res, next) => {
    const traceparent = headerOf(req, 'traceparent');
    const begins = req.method !== 'GET' || reads.some((read) => read.test(req.path));
    if (!begins && traceparent === undefined) return next();
    // Routers change it.
    const { path } = req;
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
          'url.path': path,
          'url.scheme': req.protocol,
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
