import type { Call } from '../action.ts';
import { usage } from '../exitCodes.ts';
import { readTargets } from '../request/targets.ts';
import { takenBack } from '../scans/words.ts';
import { several } from '../terminal/numbers.ts';

export async function cancel({
  session,
  options,
  args: [id],
}: Call<{ kill?: true }, [string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), submission_id: id };
  const body = options.kill ? ({ running: 'kill' } as const) : {};
  const { answer } = await client.call('cancelSubmission', { path, body });
  if (out.json) out.value(answer);
  else out.lines([`cancelled: ${takenBack(answer)}`]);
}

export async function priority({
  session,
  args: [id, level],
}: Call<object, [string, number]>): Promise<void> {
  const { client, out } = session;
  const levels = [1, 2, 3, 4, 5] as const;
  const wanted = levels.find((one) => one === level);
  if (wanted === undefined) throw usage('a priority is 1 to 5, and a lower number goes first');
  const path = { ...session.project(), submission_id: id };
  const { answer } = await client.call('changeSubmission', { path, body: { priority: wanted } });
  if (out.json) out.value(answer);
  else out.lines([`priority ${answer.priority}`]);
}

export async function retryFailed({ session, args: [id] }: Call<object, [string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), submission_id: id };
  const { answer } = await client.call('retryFailed', { path });
  if (out.json) out.value(answer);
  else out.lines([`${several(answer.retried, 'task')} will be sent again`]);
}

export async function retryStages({ session, args: [id] }: Call<object, [string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), submission_id: id };
  const { retried } = (await client.call('retryStages', { path })).answer;
  if (out.json) out.value({ retried });
  else out.lines([retried.length === 0 ? 'no stage had given up' : `tried again: ${retried.join(', ')}`]);
}

export async function cancelTargets({
  session,
  options,
  args: [words],
}: Call<{ scan?: string }, [string[]]>): Promise<void> {
  const { client, out } = session;
  const hosts = (await readTargets(words)).map(({ text }) => text);
  const body = { hosts, ...(options.scan !== undefined && { submission: options.scan }) };
  const { answer } = await client.call('cancelTargets', { path: session.project(), body });
  if (out.json) return out.value(answer);
  out.lines([
    `cancelled in ${several(answer.submissions, 'scan')}: ${takenBack(answer)}`,
    ...answer.unmatched.map((entry) => `no target belongs to ${entry}`),
    ...(answer.id === null ? [] : [`since when nothing touches them: tasker receipt ${answer.id}`]),
  ]);
}
