import type { HttpResponse, Services, UserContext } from '../http/route.ts';

/** GET /projects */
export async function listProjects(
  { caller, credentials }: UserContext,
  { visible, queries }: Services,
): Promise<HttpResponse> {
  const names = await visible.of(caller, credentials.token);
  const projects = await queries.overview.projects([...names.keys()]);
  return {
    status: 200,
    body: { projects: projects.map(({ id, ...rest }) => ({ id, name: names.get(id) ?? null, ...rest })) },
  };
}
