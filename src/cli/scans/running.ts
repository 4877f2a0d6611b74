import type { Session } from '../session.ts';

/** Tasks of the project that workers have now. */
export async function runningIn({ client, project }: Session): Promise<number> {
  return (await client.call('getProjectStatus', { path: project() })).answer.running;
}
