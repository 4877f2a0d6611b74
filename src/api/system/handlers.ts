import { auditNote } from '../audit/note.ts';
import type { Answer, AnybodyCall, ProjectCall, Services, UserCall } from '../http/route.ts';
import { withoutDetails } from './readiness.ts';

/** GET /health: the process runs and its event loop turns. */
export async function health(): Promise<Answer> {
  return { status: 200, body: { status: 'ok' } };
}

/**
 * GET /ready: each service that Tasker depends on; 503 when one is away without which nothing works. Why it is away is
 * for admins: it names hosts and databases.
 */
export async function ready({ caller }: AnybodyCall, { readiness }: Services): Promise<Answer> {
  const state = await readiness.now();
  const body = caller?.admin ? state : withoutDetails(state);
  return { status: state.status === 'ok' ? 200 : 503, body };
}

/** GET /tasks/{project_id}/status */
export async function projectStatus({ project }: ProjectCall, { flows }: Services): Promise<Answer> {
  return { status: 200, body: await flows.status(project) };
}

/** GET /tasks/{project_id}/stop-nmap (a GET that acts: callers know it so) */
export async function stopNmap(call: ProjectCall, { flows, config }: Services): Promise<Answer> {
  const { project, log } = call;
  const note = auditNote(call, config, 'project.stopped');
  const { revoked, submissions } = await flows.stop(project, note);
  log.info({ revoked, submissions }, 'scans stopped');
  const stopped = revoked > 0 || submissions.length > 0;
  return { status: 200, body: { status: stopped ? 'stopped' : 'no_tasks', revoked } };
}

/** GET /workers/ips */
export async function workersIps(_call: UserCall, { flows }: Services): Promise<Answer> {
  return { status: 200, body: { workers: await flows.workers() } };
}
