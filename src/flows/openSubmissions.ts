import type { Queue } from 'bullmq';
import type { StageName } from '../adapters/submission.ts';

const ROOT = '-submission';

/** The submissions whose flow has not ended: their roots wait for their children. Reads ids only. */
export async function openSubmissions(queues: Readonly<Record<StageName, Queue>>): Promise<string[]> {
  const ids = await queues.submission.getRanges(['waiting-children']);
  return ids.filter((id) => id.endsWith(ROOT)).map((id) => id.slice(0, -ROOT.length));
}
