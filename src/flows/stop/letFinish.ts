import { IDS_PER_MESSAGE, revoke } from '../../adapters/celery/messages.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { FlowServices } from '../flowServices.ts';
import { putBack } from '../takeBack/takeBack.ts';
import { noteRevoked } from './revoked.ts';

type Services = Omit<FlowServices, 'redis' | 'producer' | 'queues'>;

/**
 * Lets tasks of a project end that workers have in hand, and keeps them from beginning once more: RabbitMQ gives a task
 * back whose worker dies, or whose end it forgets as it dies itself.
 */
export async function letFinish(
  ids: readonly string[],
  project: string,
  { recalls, broker }: Pick<Services, 'recalls' | 'broker'>,
): Promise<void> {
  await recalls.rememberFinishing(ids, project);
  for (const some of pages(ids, IDS_PER_MESSAGE)) await broker.broadcast(revoke(some));
}

/** Of a task that its worker did not bring to its end: where its scan goes on, the rules decide once more. */
export async function endUnfinished(id: string, project: string, services: Services): Promise<void> {
  const { tasks, projects, submissions, targetStore, workers } = services;
  const [task] = await tasks.describe([id]);
  if (task?.ip === undefined) return;
  const facts = await submissions.find(task.submission ?? '');
  if (facts !== undefined && facts.state !== 'stopped') await putBack([task], services);
  else {
    await noteRevoked(project, [task], targetStore);
    await tasks.forget(project, await projects.users(project), [task]);
  }
  await workers.forgetRunning(new Set([id]));
}
