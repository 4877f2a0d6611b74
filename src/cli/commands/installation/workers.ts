import type { Schema } from '../../../client/client.ts';
import type { Call } from '../../action.ts';
import { counted, duration } from '../../terminal/numbers.ts';
import { table } from '../../terminal/table.ts';

export async function workers({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { answer } = await client.call('listWorkersAtWork', {});
  if (out.json) return out.value(answer);
  const rows = answer.workers.map((worker) => [
    worker.host,
    worker.ip ?? 'unknown',
    since(worker.last_seen),
    counted(worker.done_last_hour),
    atWork(worker),
  ]);
  const head = ['worker', 'address', 'seen', 'done in 1 h', 'runs'];
  await out.lines(rows.length === 0 ? ['no worker answers'] : table(head, rows));
}

function since(at: string | null): string {
  return at === null ? 'never' : `${duration((Date.now() - Date.parse(at)) / 1_000)} ago`;
}

/** What it has in hand; tasks of projects that the caller may not see are only counted. */
function atWork({ tasks, others }: Schema<'WorkerAtWork'>): string {
  const own = tasks.map(({ address, submission }) => `${address ?? '?'} of ${submission}`);
  return [...own, ...(others > 0 ? [`${others} of others`] : [])].join(', ');
}
