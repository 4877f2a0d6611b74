import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { type Express, type RequestHandler, Router } from 'express';
import { auditNote } from '../audit/note.ts';
import { addressOf } from '../auth/callerAddress.ts';
import { basicPassword, bearerToken } from '../auth/credentials.ts';
import { tooManyLogins } from '../auth/loginLimiter.ts';
import { apiError, plainError, unauthorized } from '../http/httpErrors.ts';
import type { HttpResponse, Services } from '../http/route.ts';
import { sendResponse } from '../http/sendResponse.ts';
import { type BoardAction, boardAction, isRead, isSameOrigin } from './rules.ts';

export const BOARD_PATH = '/board';

/** Bull Board at {@link BOARD_PATH}: for admins, and only for what cannot break a flow. */
export function boardRouter(services: Services): Router {
  const adapter = new PageWithoutForeignFonts().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: services.flows.queues.map(({ queue, description }) => new BullMQAdapter(queue, { description })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Tasker' } },
  });
  const board: Express = adapter.getRouter();
  // An application of its own, with settings of its own.
  board.disable('x-powered-by').set('trust proxy', services.config.trustProxy ?? false);
  const router = Router({ caseSensitive: true });
  router.use(BOARD_PATH, guard(services), board);
  return router;
}

const FOREIGN_LINK = /<link href="https:[^>]*>/g;

/** The board's page asks another site for fonts. Our policy forbids that, and the browser would complain each time. */
class PageWithoutForeignFonts extends ExpressAdapter {
  override setEntryRoute({ route, handler }: Parameters<ExpressAdapter['setEntryRoute']>[0]): this {
    this.app.get(route, (_req, res, next) => {
      const { name, params } = handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      res.render(name, params, (error, page) => {
        if (error) next(error);
        else res.send(page.replaceAll(FOREIGN_LINK, ''));
      });
    });
    return this;
  }
}

function guard(services: Services): RequestHandler {
  const { logins, flows, log } = services;
  return async (req, res, next) => {
    const header = req.headers.authorization;
    const token = bearerToken(header) ?? basicPassword(header);
    const login = await logins.authenticate(token, addressOf(req));
    if (!login.ok) return sendResponse(res, tooManyLogins(login.retryAfterS), log);
    const caller = login.value;
    if (caller === undefined) return sendResponse(res, unauthorized('Basic realm="Tasker"'), log);
    if (!caller.admin) return sendResponse(res, apiError('admins_only', 'The board is for admins'), log);
    const action = boardAction(req.method, req.path);
    if (isRead(req.method))
      return action.allowed ? next() : sendResponse(res, plainError('unknown_path'), log);

    const reason = isSameOrigin(req.headers) ? await whyNot(action, flows.queues) : CROSS_ORIGIN;
    res.on('finish', () => {
      const { allowed: _, ...what } = action;
      const entry = { user: caller.user.username, ...what, status: res.statusCode };
      if (reason === undefined) log.info(entry, 'board action');
      else log.warn({ ...entry, reason }, 'board action refused');
    });
    const { allowed: _, ...on } = action;
    const event = reason === undefined ? 'board.action' : 'board.refused';
    // Before the board does it: what is done and not noted would be worse than the other way round.
    await flows.audit.note(auditNote({ req, caller, log }, services, event, { on }));
    if (reason !== undefined) return sendResponse(res, refused(reason), log);
    next();
  };
}

const RETRIED: readonly string[] = ['failed', 'unknown'];
const CROSS_ORIGIN = 'the call comes from another site';

async function whyNot(
  { allowed, queue, job }: BoardAction,
  queues: Services['flows']['queues'],
): Promise<string | undefined> {
  if (!allowed)
    return 'this would break the flows: retry, pause and resume are possible; to stop a scan, call stop-nmap';
  if (job === undefined) return undefined;
  const state = await queues.find((one) => one.queue.name === queue)?.queue.getJobState(job);
  // The board itself would also run a completed job once more. Of one that is not there it says so.
  return RETRIED.includes(state ?? 'unknown') ? undefined : 'only a failed job can be retried';
}

/** In the shape of our API and, for the board's page, in that of the board. */
function refused(reason: string): HttpResponse {
  const body = { error: { key: 'ERRORS.FORBIDDEN' }, message: reason };
  return apiError('board_action_refused', reason, { body });
}
