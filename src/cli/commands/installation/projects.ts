import type { Call } from '../../action.ts';
import { counted, localTime } from '../../terminal/numbers.ts';
import { table } from '../../terminal/table.ts';

export async function projects({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { projects: all } = (await client.call('listProjects', {})).answer;
  if (out.json) {
    for (const project of all) await out.value(project);
    return;
  }
  const rows = all.map(({ id, name, open, kept, waiting, last_at, paused }) => [
    ...[id, name ?? '', counted(open), counted(kept), counted(waiting), localTime(last_at)],
    paused ? out.paint('yellow', 'paused') : '',
  ]);
  const head = ['id', 'name', 'open', 'kept', 'waiting', 'newest scan', ''];
  await out.lines(rows.length === 0 ? ['no project has a scan'] : table(head, rows));
}
