import type { FlowServices } from '../flowServices.ts';

/** Notes of scans whose tasks are all sent when the last one has ended. Run every few seconds. */
export async function followScans({
  following,
  log,
}: Pick<FlowServices, 'following' | 'log'>): Promise<void> {
  for (const [id, project] of Object.entries(await following.unfinished())) {
    if ((await following.follow(id, project)) === 'finished')
      log.info({ submission: id, project }, 'submission finished: none of its tasks is out');
  }
}
