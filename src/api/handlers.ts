import { messageOf } from '../errors.ts';
import type { Answer, Call, Check, ProjectCall, Services, UserCall } from './route.ts';

/** How long one service may take to answer `/ready`. */
const CHECK_TIMEOUT_MS = 2_000;

/** GET /health: the process runs and its event loop turns. */
export async function health(): Promise<Answer> {
  return { status: 200, body: { status: 'ok' } };
}

/** GET /ready: each service that Tasker depends on; 503 when one is away without which nothing works. */
export async function ready(_call: Call, { checks, flows }: Services): Promise<Answer> {
  // What cannot be known is no reason to say nothing of the rest: that Redis is away stands among the services.
  const paused = flows.pausedQueues().catch(() => []);
  const entries = Object.entries(checks).filter((entry): entry is [string, Check] => entry[1] !== undefined);
  const states = await Promise.all(entries.map(([, check]) => stateOf(check)));
  const services = Object.fromEntries(entries.map(([name], index) => [name, states[index]]));
  const neededAway = entries.some(([, { needed }], index) => needed && states[index]?.status === 'away');
  const status = neededAway ? 'away' : 'ok';
  return { status: neededAway ? 503 : 200, body: { status, services, paused_queues: await paused } };
}

async function stateOf({ check }: Check): Promise<{ status: 'ok' | 'away'; detail: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return { status: 'ok', detail: '' };
  } catch (error) {
    return { status: 'away', detail: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** GET /tasks/{project_id}/status */
export async function projectStatus({ project }: ProjectCall, { flows }: Services): Promise<Answer> {
  return { status: 200, body: await flows.status(project) };
}

/** GET /tasks/{project_id}/stop-nmap (a GET that acts: callers know it so) */
export async function stopNmap({ project, log }: ProjectCall, { flows }: Services): Promise<Answer> {
  const { revoked, submissions } = await flows.stop(project);
  log.info({ revoked, submissions }, 'scans stopped');
  const stopped = revoked > 0 || submissions.length > 0;
  return { status: 200, body: { status: stopped ? 'stopped' : 'no_tasks', revoked } };
}

/** GET /workers/ips */
export async function workersIps(_call: UserCall, { flows }: Services): Promise<Answer> {
  return { status: 200, body: { workers: await flows.workers() } };
}
