import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { EXIT, Exit } from '../exitCodes.ts';
import { readTargets } from '../request/targets.ts';
import { takenBack } from '../scans/words.ts';
import { localTime, several } from '../terminal/numbers.ts';
import { table } from '../terminal/table.ts';

interface AddOptions {
  why?: string;
  until?: string;
  locked?: true;
  finish?: true;
}

export function addExclusions(call: Call<AddOptions, [string[]]>): Promise<void> {
  return exclude(call, false);
}

export function replaceExclusions(call: Call<AddOptions, [string[]]>): Promise<void> {
  return exclude(call, true);
}

async function exclude(
  { session, options, args: [words] }: Call<AddOptions, [string[]]>,
  isWholeList: boolean,
): Promise<void> {
  const { client, out } = session;
  const { why, until, locked, finish } = options;
  const body: Schema<'NewExclusions'> = {
    hosts: (await readTargets(words)).map(({ text }) => text),
    ...(why !== undefined && { why }),
    ...(until !== undefined && { until }),
    ...(locked && { locked }),
    ...(finish && { running: 'finish' }),
  };
  const asked = { path: session.project(), body };
  const { answer } = await (isWholeList
    ? client.call('replaceExclusions', asked)
    : client.call('addExclusions', asked));
  if (out.json) return out.value(answer);
  out.lines([`the project has ${several(answer.exclusions.length, 'exclusion')} now`]);
  if (answer.receipt)
    out.lines([
      takenBack(answer.receipt),
      `since when nothing touches them: tasker receipt ${answer.receipt.id}`,
    ]);
}

export async function listExclusions({ session }: Call): Promise<void> {
  const { client, out } = session;
  const { exclusions, installation, installation_hidden } = (
    await client.call('listExclusions', { path: session.project() })
  ).answer;
  if (out.json) {
    for (const exclusion of exclusions) out.value(exclusion);
    for (const entry of installation) out.value({ entry, installation: true });
    return;
  }
  const rows = exclusions.map(({ entry, by, at, why, until, locked, id }) => [
    entry,
    by.username,
    localTime(at),
    until === null ? '' : localTime(until),
    `${locked ? 'locked ' : ''}${why}`.trim(),
    id ?? '',
  ]);
  out.lines([
    ...(rows.length > 0
      ? table(['entry', 'by', 'since', 'until', 'why', 'receipt'], rows)
      : ['no exclusions']),
    ...installation.map((entry) => `${entry}  (installation)`),
    ...(installation_hidden ? ['those of the installation are shown to admins only'] : []),
  ]);
}

export async function endExclusions({ session, args: [hosts] }: Call<object, [string[]]>): Promise<void> {
  const { client, out } = session;
  const asked = { path: session.project(), body: { hosts } };
  const { answer } = await client.call('removeExclusions', asked);
  if (out.json) out.value(answer);
  else out.lines(answer.removed.map((entry) => `ended ${entry}`));
  if (answer.not_found.length > 0)
    throw new Exit(
      EXIT.refused,
      `not excluded: ${answer.not_found.join(', ')}; tasker exclude list shows what is`,
    );
}
