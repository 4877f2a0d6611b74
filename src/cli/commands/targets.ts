import type { Asked, Schema } from '../../client/client.ts';
import { linesOf } from '../../client/longAnswers.ts';
import type { Call } from '../action.ts';
import { usage } from '../exitCodes.ts';
import { patiently } from '../request/patience.ts';
import { scanPath } from '../scans/newest.ts';

type Target = Schema<'Target'>;

interface TargetsOptions {
  state?: Target['state'];
  reason?: NonNullable<Target['reason']>;
  text?: string;
  csv?: true;
}

export async function targets({
  session,
  options: { state, reason, text, csv, json },
  args: [id],
}: Call<TargetsOptions, [string | undefined]>): Promise<void> {
  const { client, out } = session;
  if (csv && json) throw usage('--csv and --json exclude each other');
  const asked: Asked<'listTargets'> = {
    path: await scanPath(session, id),
    query: { ...(state && { state }), ...(reason && { reason }), ...(text && { text }) },
  };
  const headers = { accept: csv ? 'text/csv' : 'application/x-ndjson' };
  const response = await patiently(out, () => client.open('listTargets', asked, { headers }));
  if (csv || json) {
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) await out.raw(piece);
    return;
  }
  for await (const line of linesOf(response)) await out.lines([targetLine(JSON.parse(line))]);
}

/** Columns as wide as most need: a list that comes bit by bit cannot be measured first. */
function targetLine({ target, state, reason, hostnames, moved_from, starts = [] }: Target): string {
  const remarks = [
    ...(reason === null ? [] : [reason]),
    ...hostnames.filter((name) => name !== target),
    ...(moved_from === undefined ? [] : [`in the place of ${moved_from}`]),
    ...starts.map(({ worker, started_at }) => `begun by ${worker} at ${started_at}`),
  ];
  return `${target.padEnd(16)} ${state.padEnd(8)} ${remarks.join(' ')}`.trimEnd();
}
