import type { Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { EXIT, Exit, usage } from '../exitCodes.ts';
import { patiently } from '../request/patience.ts';
import { readTargets, type Source, target } from '../request/targets.ts';
import { warningLines } from '../scans/words.ts';
import { counted, several } from '../terminal/numbers.ts';

/** Reads a list as a scan would, and keeps nothing. */
export async function check({
  session,
  options,
  args: [words],
}: Call<{ target?: string[] }, [string[]]>): Promise<void> {
  const { client, out } = session;
  const hosts = [...(await readTargets(words)), ...(options.target ?? []).map(target)];
  if (hosts.length === 0) throw usage('nothing to check: name targets, a file with targets, or - for stdin');
  const body = { hosts: hosts.map(({ text }) => text) };
  const { answer } = await patiently(out, () =>
    client.call('checkEntries', { path: session.project(), body }),
  );
  const total = answer.problems_total ?? answer.problems.length;
  if (out.json) await out.value(answer);
  else {
    const { provided, addresses, names, duplicates_removed: twice } = answer;
    const entries = `${several(provided, 'entry', 'entries')}, ${counted(twice)} of them twice`;
    await out.lines([
      `${entries}: ${several(addresses, 'address', 'addresses')}, ${several(names, 'name')}`,
      ...warningLines(answer.warnings, out.paint),
    ]);
  }
  if (total === 0) return;
  const lines = answer.problems.map((problem) => problemLine(problem, hosts));
  if (total > lines.length) lines.push(`… and ${counted(total - lines.length)} more`);
  throw new Exit(EXIT.refused, `mend ${several(total, 'place')}`, lines);
}

function problemLine(
  { item, line, column, input, message, fix }: Schema<'EntryProblem'>,
  hosts: readonly Source[],
): string {
  const source = item === null ? undefined : hosts[item];
  const place = source?.isFile ? `${source.name}:${line}:${column}: ` : '';
  return `${place}${input}: ${message}${fix === undefined ? '' : `; write ${fix}`}`;
}
