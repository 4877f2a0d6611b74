import type { Call } from '../action.ts';
import { duration } from '../terminal/numbers.ts';
import { table } from '../terminal/table.ts';

export async function workers({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { answer } = await client.call('listWorkers', {});
  if (out.json) return out.value(answer);
  const nowS = Date.now() / 1_000;
  const rows = Object.entries(answer.workers).map(([name, { ip, last_seen }]) => [
    name,
    ip,
    last_seen === 0 ? 'never' : `${duration(nowS - last_seen)} ago`,
  ]);
  out.lines(rows.length === 0 ? ['no worker answers'] : table(['worker', 'address', 'seen'], rows));
}
