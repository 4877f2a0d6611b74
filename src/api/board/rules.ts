/** What may be asked of Bull Board, and changed through it, read off method and path. */
import { BOARD_ROUTES, type BoardRoute } from './routes.ts';

export interface BoardAction {
  action: string;
  allowed: boolean;
  queue?: string;
  job?: string;
}

/** What the page itself loads. */
const FILES = /^\/static(?:\/[\w.-]+)+$/;

/** Jobs that may be retried all at once: others did not fail. */
const RETRIED = 'failed';

const PATTERNS = BOARD_ROUTES.map((board) => {
  const pattern = `^${board.route.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`;
  // The board reads paths in any case; what is let through is written as the board writes it.
  return { board, loose: new RegExp(pattern, 'i'), strict: new RegExp(pattern) };
});

/** Reading changes nothing. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What a call would do, and whether that is open. Whatever fits no route of the board is closed. */
export function boardAction(method: string, path: string): BoardAction {
  const asked = method === 'HEAD' ? 'GET' : method;
  const found = PATTERNS.find(({ board, loose }) => board.method === asked && loose.test(path));
  if (found === undefined) return { action: `${method} ${path}`, allowed: isRead(method) && isFile(path) };
  const match = found.strict.exec(path);
  const { queueName, jobId, queueStatus } = match?.groups ?? {};
  const names = {
    ...(queueName !== undefined && { queue: decoded(queueName) }),
    ...(jobId !== undefined && { job: decoded(jobId) }),
  };
  const allowed = isOpen(found.board, queueStatus) && match !== null;
  return { action: actionOf(found.board, queueStatus), allowed, ...names };
}

function isFile(path: string): boolean {
  return FILES.test(path) && !path.includes('..');
}

function isOpen({ action }: BoardRoute, queueStatus: string | undefined): boolean {
  return action !== undefined && (queueStatus === undefined || queueStatus === RETRIED);
}

function actionOf({ method, route, action }: BoardRoute, queueStatus: string | undefined): string {
  if (action === undefined) return `${method} ${route}`;
  return queueStatus === undefined ? action : `${action} ${queueStatus}`;
}

/** A segment that cannot be decoded names no queue and no job, so it may stay as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
