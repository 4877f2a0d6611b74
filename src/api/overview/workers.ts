import type { AtWork } from '../../queries/overview/workersAtWork.ts';
import type { HttpResponse, Services, UserContext } from '../http/route.ts';

/** GET /workers */
export async function workersAtWork(
  { caller, credentials }: UserContext,
  { visible, queries }: Services,
): Promise<HttpResponse> {
  const own = caller.admin ? undefined : await visible.of(caller, credentials.token);
  const body = workersSeenBy(await queries.overview.atWork(), (project) => own?.has(project) !== false);
  return { status: 200, body };
}

/** Of tasks of other projects only their number is told. */
export function workersSeenBy({ workers }: AtWork, maySee: (project: string) => boolean) {
  return {
    workers: workers.map(({ tasks, ...worker }) => {
      const own = tasks.filter(({ project }) => maySee(project));
      return { ...worker, tasks: own, others: tasks.length - own.length };
    }),
  };
}
