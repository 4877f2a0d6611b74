import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { type Express, type Request, type RequestHandler, Router } from 'express';
import { auditNote } from '../audit/note.ts';
import { addressOf } from '../auth/callerAddress.ts';
import { basicPassword, bearerToken } from '../auth/credentials.ts';
import { tooManyLogins } from '../auth/loginLimiter.ts';
import { isSameOrigin } from '../auth/origin.ts';
import { shownBy } from '../auth/shown.ts';
import { apiError, plainError, unauthorized } from '../http/httpErrors.ts';
import type { HttpResponse, Services } from '../http/route.ts';
import { sendResponse } from '../http/sendResponse.ts';
import { JobLabels } from './jobLabels.ts';
import { BoardPage } from './page.ts';
import { type BoardAction, boardAction, isRead } from './rules.ts';

export const BOARD_PATH = '/board';
/** Where the console asks who it is, and then leads back. */
const LOGIN_HREF = `/#/login?to=${encodeURIComponent(BOARD_PATH)}`;

/** Bull Board at {@link BOARD_PATH}: for admins, and only for what cannot break a flow. */
export function boardRouter(services: Services): Router {
  const adapter = new BoardPage().setBasePath(BOARD_PATH);
  const labels = new JobLabels(services.queries.overview);
  createBullBoard({
    queues: services.flows.queues.map(
      ({ queue, description, flow }) => new LabelledQueue(queue, description, flow ? labels : undefined),
    ),
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

type Job = Awaited<ReturnType<BullMQAdapter['getJobs']>>[number];
type QueueOfBoard = Services['flows']['queues'][number]['queue'];

/** What jobs are called follows from what is read of their submissions before the board asks for their names. */
class LabelledQueue extends BullMQAdapter {
  readonly #labels: JobLabels | undefined;

  constructor(queue: QueueOfBoard, description: string, labels: JobLabels | undefined) {
    // The board's page would offer to run once more what is done.
    const options = { description, allowCompletedRetries: false };
    super(queue, labels ? { ...options, externalJobUrl: (job) => labels.hrefOf(job) } : options);
    this.#labels = labels;
    if (labels) this.setFormatter('name', (job) => labels.nameOf(job));
  }

  override async getJob(id: string): Promise<Job | undefined> {
    const job = await super.getJob(id);
    if (job) await this.#labels?.read([job]);
    return job;
  }

  override async getJobs(...wanted: Parameters<BullMQAdapter['getJobs']>): Promise<Job[]> {
    const jobs = await super.getJobs(...wanted);
    await this.#labels?.read(jobs.filter(Boolean));
    return jobs;
  }
}

function guard(services: Services): RequestHandler {
  const { logins, flows, log } = services;
  return async (req, res, next) => {
    const credentials = await shownBy(req, isRead(req.method) ? 'page' : 'acts', flows, tokenOf);
    if (credentials === 'cross_site') return sendResponse(res, plainError('cross_site'), log);
    if (credentials === 'nothing' && isPageFor(req, services)) return res.redirect(303, LOGIN_HREF);
    if (credentials === 'nothing') return sendResponse(res, unauthorized(CHALLENGE), log);
    const login = await logins.authenticate(credentials.token, addressOf(req));
    if (!login.ok) return sendResponse(res, tooManyLogins(login.retryAfterS), log);
    const caller = login.value;
    if (caller === undefined) return sendResponse(res, unauthorized(CHALLENGE), log);
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

const CHALLENGE = 'Basic realm="Tasker"';

function tokenOf(header: string): string | undefined {
  return bearerToken(header) ?? basicPassword(header);
}

/** Whether a person opens a page, and the console is there to log in. */
function isPageFor(req: Request, { console }: Services): boolean {
  return console !== undefined && isRead(req.method) && req.accepts(['json', 'html']) === 'html';
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
