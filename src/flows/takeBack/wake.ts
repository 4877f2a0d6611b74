import { jobIdOf } from '../../jobs/runner/stage.ts';
import { LANES, nextBatches } from '../../targets/order/batches.ts';
import { type AgainServices, addAgain, againJob } from './sendAgain.ts';

/** Submissions that are woken at once: each has up to five jobs, and not all find a place. */
const WOKEN = 20;

/** Wakes those that wait because their project or their networks had enough. Run twice a second. */
export async function wakeLimited(services: AgainServices): Promise<void> {
  await services.limits.freePlaces();
  for (const id of await services.limits.waiting(WOKEN)) await wake(id, services);
}

/** Has the jobs of a submission that were set aside wait in their queue. They come back by themselves later, too. */
export async function wake(id: string, services: AgainServices): Promise<void> {
  const { submissions, batches, queues } = services;
  const facts = await submissions.find(id);
  if (facts?.state !== 'dispatching') return;
  await addAgain(id, services);
  const next = nextBatches(await batches.sentByLane(id, LANES), facts.total ?? 0);
  const jobs = [
    ...next.map(({ batch }) => jobIdOf('publish', { submission: id, index: batch })),
    againJob(id),
  ];
  for (const job of jobs) {
    const waiting = await queues.publish.getJob(job);
    if (await waiting?.isDelayed()) await waiting?.promote().catch(() => {});
  }
}
