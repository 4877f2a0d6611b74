import { setTimeout } from 'node:timers/promises';
import type { Answer, Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { patiently } from '../request/patience.ts';
import { atItsPlace } from '../request/refusedRequest.ts';
import { readRequest, type ScanFlags } from '../request/scanRequest.ts';
import { refusalWords, summaryLines, warningLines } from '../scans/words.ts';
import type { Session } from '../session.ts';
import { counted, several } from '../terminal/numbers.ts';
import { table } from '../terminal/table.ts';
import type { Paint } from '../terminal/text.ts';

/** More would not be read on a terminal; `--json` has all. */
const MOST_ENTRIES = 40;
const POLL_MS = 1_000;

export async function plan({ session, options, args: [words] }: Call<ScanFlags, [string[]]>): Promise<void> {
  const { client, out } = session;
  const path = session.project();
  const request = await readRequest(words, options);
  const asked = { path, body: request.body };
  const begun = await patiently(out, () => client.call('makePlan', asked)).catch((error: unknown) => {
    throw atItsPlace(error, request);
  });
  const made = await untilMade(session, begun.answer);
  if (out.json) out.value(made);
  else out.lines(planLines(made, out.paint));
}

/** Many names take longer than one answer may. */
async function untilMade(session: Session, begun: Answer<'makePlan'>): Promise<Schema<'Plan'>> {
  const { client, out } = session;
  const { id } = begun.plan;
  const path = { ...session.project(), plan_id: id };
  let answer: Answer<'getPlan'> = begun;
  if (!isMade(answer)) out.note(`the plan ${id} takes longer; Ctrl-C ends the waiting, not the plan`);
  while (!isMade(answer)) {
    await setTimeout(POLL_MS);
    ({ answer } = await client.call('getPlan', { path }));
  }
  return answer;
}

export function isMade(answer: Answer<'getPlan'>): answer is Schema<'Plan'> {
  return 'entries' in answer;
}

export function planLines(made: Schema<'Plan'>, paint: Paint): string[] {
  const { plan, summary, tasks, entries } = made;
  const rows = entries
    .slice(0, MOST_ENTRIES)
    .map((entry) => [entry.entry, counted(entry.addresses), counted(entry.accepted), entryRemarks(entry)]);
  const more = entries.length - rows.length;
  return [
    paint(
      'bold',
      `plan ${plan.id}: ${several(tasks, 'task')} for ${several(summary.sent_to_scan, 'address', 'addresses')}`,
    ),
    ...summaryLines(summary, made.refused_detail, paint),
    ...warningLines(made.warnings, paint),
    '',
    ...table(['entry', 'addresses', 'scanned', ''], rows),
    ...(more > 0 || made.truncated
      ? [`… ${more > 0 ? `${counted(more)} more` : 'and more'}; --json tells more`]
      : []),
    '',
    `run exactly this: tasker run --plan ${plan.id}`,
  ];
}

function entryRemarks({ name, refused, covered_by = [] }: Schema<'EntryReport'>): string {
  const chain = name ? [...name.chain, ...name.addresses].join(' → ') || (name.failure ?? '') : '';
  const rules = refused.map((refusal) => `${counted(refusal.count)} ${refusalWords(refusal)}`);
  const covers = covered_by.map(({ entry }) => `in ${entry}`);
  return [chain, ...rules, ...covers].filter(Boolean).join('; ');
}
