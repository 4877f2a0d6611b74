import { ApiError, type Schema } from '../../../client/client.ts';
import type { Call } from '../../action.ts';
import { EXIT, Exit } from '../../exitCodes.ts';
import { localTime } from '../../terminal/numbers.ts';
import { table } from '../../terminal/table.ts';

/** Whether the services behind the server answer it. */
export async function ready({ session }: Call): Promise<void> {
  const { client, out } = session;
  const answer = await client.call('getReadiness', {}).then(
    (called) => called.answer,
    (error: unknown) => {
      if (error instanceof ApiError && isReady(error.body)) return error.body;
      throw error;
    },
  );
  if (out.json) await out.value(answer);
  else {
    const { services, paused, paused_queues, warnings } = answer;
    const rows = Object.entries(services).map(([name, { status, detail }]) => [
      ...[name, out.paint(status === 'ok' ? 'green' : 'red', status), detail],
    ]);
    await out.lines([
      ...table(['service', 'state', ''], rows),
      ...(paused ? [`everything is paused by ${paused.by} since ${localTime(paused.since)}`] : []),
      ...(paused_queues.length > 0 ? [`paused on the board: ${paused_queues.join(', ')}`] : []),
      ...warnings.map(({ code, message }) => `${out.paint('yellow', 'warning')} ${code}: ${message}`),
    ]);
  }
  if (answer.status !== 'ok') throw new Exit(EXIT.busy, 'Tasker lacks something that it needs');
}

function isReady(body: unknown): body is Schema<'Ready'> {
  return typeof body === 'object' && body !== null && 'services' in body;
}
