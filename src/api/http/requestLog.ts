import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../runtime/log.ts';
import { addressOf } from '../auth/callerAddress.ts';

/** How the line of a request names what became of it. */
export const REQUEST_EVENTS = {
  completed: 'request completed',
  aborted: 'request aborted',
  errored: 'request errored',
} as const;

const SANE_ID = /^[\w.:-]{1,64}$/;

/**
 * One line per request, with an id that the caller may choose (`X-Request-Id`) and always gets back.
 * Headers and queries stay out of the log: callers put tokens there, also where none belongs.
 */
export function requestLog(log: Logger) {
  return pinoHttp({
    logger: log,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'request' },
    genReqId(req, res) {
      const given = req.headers['x-request-id'];
      const id = typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    customSuccessMessage: (req, res) =>
      res.writableEnded && !req.readableAborted ? REQUEST_EVENTS.completed : REQUEST_EVENTS.aborted,
    customErrorMessage: () => REQUEST_EVENTS.errored,
    customLogLevel: (req, res) => {
      if (pathOf(req) === '/health') return 'debug';
      return res.statusCode >= 500 ? 'warn' : 'info';
    },
    wrapSerializers: false,
    serializers: {
      req: (req: IncomingMessage) => ({ method: req.method, path: pathOf(req), from: addressOf(req) }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
  });
}

/** `originalUrl`: routers below change `url`. */
function pathOf(req: IncomingMessage & { originalUrl?: string }): string {
  return (req.originalUrl ?? req.url ?? '').split('?', 1)[0] ?? '';
}
