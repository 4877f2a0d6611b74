import type { Session } from '../session.ts';

/** Tasks of a scan that workers have in hand now. */
export async function runningOf({ client }: Session, submission: string): Promise<number> {
  const { workers } = (await client.call('listWorkersAtWork', {})).answer;
  return workers.flatMap(({ tasks }) => tasks.filter((task) => task.submission === submission)).length;
}
