import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { usage } from '../exitCodes.ts';
import { listRows, type RowOptions } from '../rows.ts';
import { stateWord, summaryLines } from '../scans/words.ts';
import type { Session } from '../session.ts';
import { counted, localTime, several } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/text.ts';
import { isMade, planLines } from './plan.ts';

/** More would not be read on a terminal; `--json` has all. */
const MOST_RANGES = 40;

export async function listPlans({ session, options }: Call<RowOptions>): Promise<void> {
  const { paint } = session.out;
  await listRows(session, 'listPlans', { path: session.project() }, options, {
    rowsOf: ({ plans }) => plans,
    head: ['id', 'begun', 'state', 'kept until', 'by', ''],
    cellsOf: ({ id, created_at, state, expires_at, user, paused, failure }) => [
      ...[id, localTime(created_at), stateWord(state, paint)],
      ...[expires_at === null ? '' : localTime(expires_at), user.username],
      failure ? `${failure.stage}: ${failure.reason}` : (paused ?? ''),
    ],
    none: 'no plans',
  });
}

export async function showPlan({ session, args: [id] }: Call<object, [string | undefined]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), plan_id: id ?? (await newestPlan(session)) };
  const { answer } = await client.call('getPlan', { path });
  if (out.json) return out.value(answer);
  if (isMade(answer)) return out.lines(planLines(answer, out.paint));
  const { plan, summary } = answer;
  const head = `plan ${plan.id}  ${stateWord(plan.state, out.paint)}  ${plan.paused ?? ''}`.trimEnd();
  return out.lines([head, ...summaryLines(summary, undefined, out.paint)]);
}

export async function comparePlans({
  session,
  args: [first, second],
}: Call<object, [string, string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), plan_id: first, other_id: second };
  const { answer } = await client.call('comparePlans', { path });
  if (out.json) return out.value(answer);
  const { added, removed, truncated } = answer;
  const lines = [
    ...sideLines('+', `${second} adds`, added, out.paint),
    ...sideLines('-', `${second} leaves out`, removed, out.paint),
    ...(truncated ? ['… there are more than the API tells'] : []),
  ];
  return out.lines(lines.length === 0 ? ['both come to the same addresses'] : lines);
}

export async function deletePlan({ session, args: [id] }: Call<object, [string]>): Promise<void> {
  const { client, out } = session;
  const path = { ...session.project(), plan_id: id };
  const { answer } = await client.call('deletePlan', { path });
  return out.json ? out.value(answer) : out.lines([`deleted ${answer.deleted}`]);
}

async function newestPlan({ client, project }: Session): Promise<string> {
  const asked = { path: project(), query: { limit: 1 } };
  const [newest] = (await client.call('listPlans', asked)).answer.plans;
  if (newest === undefined) throw usage('the project has no plan: tasker plan makes one');
  return newest.id;
}

function sideLines(
  sign: '+' | '-',
  what: string,
  { addresses, ranges }: Schema<'PlanDiff'>['added'],
  paint: Paint,
): string[] {
  if (ranges.length === 0) return [];
  const colour = sign === '+' ? 'green' : 'red';
  const more = ranges.length - MOST_RANGES;
  const count =
    typeof addresses === 'string'
      ? `${counted(addresses)} addresses`
      : several(addresses, 'address', 'addresses');
  return [
    `${what} ${count}`,
    ...ranges.slice(0, MOST_RANGES).map((range) => paint(colour, `${sign} ${range}`)),
    ...(more > 0 ? [`… and ${several(more, 'range')} more; --json tells all`] : []),
  ];
}
