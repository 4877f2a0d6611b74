import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { counted, localTime } from '../terminal/numbers.ts';

const MOST_SHOWN = 20;

export async function receipt({ session, args: [id] }: Call<object, [string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), receipt_id: id };
  const { answer } = await client.call('getReceipt', { path });
  if (out.json) out.value(answer);
  else out.lines(receiptLines(answer));
}

function receiptLines(answer: Schema<'Receipt'>): string[] {
  const { exclusions, holds, by, at, waiting, ready, running, running_targets, since, last } = answer;
  const { listed, total } = exclusions;
  const shown = listed.slice(0, MOST_SHOWN);
  const more = total > shown.length ? `, and ${counted(total - shown.length)} more` : '';
  const verdict =
    since === null
      ? `still out: ${counted(waiting)} waiting, ${counted(ready)} ready, ${counted(running)} running`
      : `nothing touches them since ${localTime(since)}`;
  return [
    `${shown.join(', ')}${more}`,
    `by ${by}, ${localTime(at)}${holds ? '' : ' (it does not hold any more)'}`,
    verdict,
    ...running_targets.map(({ address, worker }) => `  ${address} with ${worker}`),
    ...(last === null
      ? []
      : [`the last was ${last.address} with ${last.worker}, until ${localTime(last.ended_at)}`]),
  ];
}
