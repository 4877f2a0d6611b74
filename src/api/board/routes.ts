/**
 * The routes of Bull Board, in the order in which it looks for them, and what of them is open. Which route a path
 * belongs to is decided as the board decides it: the first that fits, in any case of letters.
 */

export interface BoardRoute {
  method: 'GET' | 'PUT' | 'POST' | 'PATCH';
  /** As the board writes it. */
  route: string;
  /** What it does, if callers may do it; a route without it is closed. */
  action?: string;
}

const QUEUE = '/api/queues/:queueName';
const JOB = `${QUEUE}/:jobId`;

const get = (route: string): BoardRoute => ({ method: 'GET', route, action: 'read' });
const put = (route: string, action?: string): BoardRoute =>
  action === undefined ? { method: 'PUT', route } : { method: 'PUT', route, action };

/**
 * Open is what reads, and what cannot break a flow. Removing or promoting jobs would release their parents early, and
 * then a flow would go on without the part that is gone; stopping a scan is the API's business.
 */
export const BOARD_ROUTES: readonly BoardRoute[] = [
  ...['/', '/metrics-history', '/job-schedulers', '/queue/:queueName', '/queue/:queueName/:jobId'].map(get),
  ...['/api/redis/stats', '/api/queues', '/api/job-schedulers', `${QUEUE}/metrics`].map(get),
  ...['default-job-options', 'workers', 'rate-limit', 'job-data-schema'].map((what) =>
    get(`${QUEUE}/${what}`),
  ),
  put('/api/queues/pause', 'pause all'),
  put('/api/queues/resume', 'resume all'),
  ...[`${JOB}/logs`, `${JOB}/flow`, JOB].map(get),
  { method: 'POST', route: `${QUEUE}/add` },
  put(`${QUEUE}/retry/:queueStatus`, 'retry all'),
  put(`${QUEUE}/promote`),
  put(`${QUEUE}/clean/:queueStatus`),
  put(`${QUEUE}/pause`, 'pause'),
  put(`${QUEUE}/resume`, 'resume'),
  put(`${QUEUE}/concurrency`),
  put(`${QUEUE}/rate-limit`),
  put(`${QUEUE}/rate-limit/release`),
  put(`${QUEUE}/empty`),
  put(`${QUEUE}/obliterate`),
  put(`${QUEUE}/job-schedulers/:schedulerId/remove`),
  { method: 'PATCH', route: `${QUEUE}/job-schedulers/:schedulerId` },
  put(`${QUEUE}/job-schedulers/:schedulerId/run`),
  put(`${JOB}/retry`, 'retry'),
  put(`${JOB}/clean`),
  put(`${JOB}/promote`),
  { method: 'PATCH', route: `${JOB}/update-data` },
  { method: 'PATCH', route: `${JOB}/delay` },
  { method: 'PATCH', route: `${JOB}/priority` },
  put(`${JOB}/remove-unprocessed-children`),
];
