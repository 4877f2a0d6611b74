import type { Schema } from '../../client/client.ts';
import { pagesOf } from '../../client/longAnswers.ts';
import type { Call } from '../action.ts';
import { refusalWords, stateWord } from '../scans/words.ts';
import { counted, localTime } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/text.ts';

export async function explain({ session, args: [target] }: Call<object, [string]>): Promise<void> {
  const { client, out } = session;
  const asked = { path: session.project(), query: { target } };
  let found = 0;
  for await (const { submissions } of pagesOf(client, 'explainTarget', asked)) {
    found += submissions.length;
    for (const one of submissions)
      if (out.json) await out.value(one);
      else await out.lines(explanationLines(one, out.paint));
  }
  if (found === 0 && !out.json) out.lines([`no scan of this project had to do with ${target}`]);
}

/** From the entry to the worker. */
function explanationLines(explanation: Schema<'Explanation'>, paint: Paint): string[] {
  const { submission, entries, names, addresses, network } = explanation;
  const { id, state, created_at, user } = submission;
  return [
    `${paint('bold', id)}  ${stateWord(state, paint)}  ${localTime(created_at)} by ${user.username}`,
    ...entries.map(
      ({ entry, item, line, column }) =>
        `  entry ${entry} (item ${item + 1}, line ${line}, column ${column})`,
    ),
    ...names.map((name) => `  → ${nameWords(name)}`),
    ...(network ? [`  → ${networkWords(network, addresses.length)}`] : []),
    ...addresses.map((address) => `  → ${addressWords(address, paint)}`),
  ];
}

/** How many addresses are what; the first of them follow. */
function networkWords({ accepted, refused }: Schema<'ExplainedNetwork'>, listed: number): string {
  const counts = Object.entries(refused).map(([reason, count]) => `${counted(count)} refused: ${reason}`);
  const all = [accepted, ...Object.values(refused)].reduce((sum: bigint, count) => sum + BigInt(count), 0n);
  const cut = all > BigInt(listed) ? [`the first ${listed} are`] : [];
  return [`${counted(accepted)} accepted`, ...counts, ...cut].join(', ');
}

function nameWords({
  name,
  chain,
  addresses,
  looked_up_at,
  wildcard,
  refusal,
}: Schema<'ExplainedName'>): string {
  const way = [name, ...chain.filter((link) => link !== name)].join(' → ');
  const remarks = [
    ...(refusal ? [refusalWords(refusal)] : [`${addresses.join(', ')}`]),
    ...(looked_up_at ? [`looked up ${localTime(looked_up_at)}`] : []),
    ...(wildcard ? ['its domain answers for every name'] : []),
  ];
  return `${way}: ${remarks.join('; ')}`;
}

function addressWords(one: Schema<'ExplainedAddress'>, paint: Paint): string {
  const { address, state, refusal, task_id, moved_from, sent_at, starts = [], worker, started_at } = one;
  const remarks = [
    ...(refusal ? [refusalWords(refusal)] : []),
    ...(moved_from ? [`in the place of ${moved_from}`] : []),
    ...(task_id ? [`task ${task_id}`] : []),
    ...(sent_at ? [`sent ${localTime(sent_at)}`] : []),
    ...starts.map((start) => `begun by ${start.worker} ${localTime(start.started_at)}`),
    ...(worker
      ? [`with ${worker} since ${localTime(new Date((started_at ?? 0) * 1_000).toISOString())}`]
      : []),
  ];
  return `${paint('bold', address)} ${state}${remarks.length > 0 ? `: ${remarks.join('; ')}` : ''}`;
}
