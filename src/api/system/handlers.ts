import { auditNote } from '../audit/note.ts';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, PublicContext, Services, UserContext } from '../http/route.ts';
import { withoutDetails } from './readiness.ts';

/** GET /health: the process runs and its event loop turns. */
export async function health(): Promise<HttpResponse> {
  return { status: 200, body: { status: 'ok' } };
}

/**
 * GET /ready: each service that Tasker depends on; 503 when one is away without which nothing works. Why it is away is
 * for admins: it names hosts and databases.
 */
export async function ready({ caller }: PublicContext, { readiness }: Services): Promise<HttpResponse> {
  const state = await readiness.now();
  const body = caller?.admin ? state : withoutDetails(state);
  return state.status === 'ok' ? { status: 200, body } : plainError('not_ready', { body });
}

/** GET /tasks/{project_id}/status */
export async function projectStatus(
  { project }: ProjectContext,
  { queries }: Services,
): Promise<HttpResponse> {
  return { status: 200, body: await queries.status(project) };
}

/** GET /tasks/{project_id}/stop-nmap (a GET that acts: callers know it so) */
export async function stopNmap(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, log } = context;
  const note = auditNote(context, services, 'project.stopped');
  const { revoked, submissions } = await services.flows.stop(project, note);
  log.info({ revoked, submissions }, 'scans stopped');
  const stopped = revoked > 0 || submissions.length > 0;
  return { status: 200, body: { status: stopped ? 'stopped' : 'no_tasks', revoked } };
}

/** GET /workers/ips */
export async function workersIps(_call: UserContext, { queries }: Services): Promise<HttpResponse> {
  return { status: 200, body: { workers: await queries.workers() } };
}
