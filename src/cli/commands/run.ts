import type { Asked, Schema } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { EXIT, usage } from '../exitCodes.ts';
import { patiently } from '../request/patience.ts';
import { atItsPlace } from '../request/refusedRequest.ts';
import { readRequest, type ScanFlags } from '../request/scanRequest.ts';
import { stateWord, summaryLines, warningLines } from '../scans/words.ts';
import { several } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/text.ts';

interface RunOptions extends ScanFlags {
  plan?: string;
  watch?: true;
}

export async function run({ session, options, args: [words] }: Call<RunOptions, [string[]]>): Promise<void> {
  const { client, out } = session;
  const path = session.project();
  const request = options.plan === undefined ? await readRequest(words, options) : undefined;
  if (options.plan !== undefined) refuseBesidePlan(words, options);
  const body: Asked<'runNmap'>['body'] = request?.body ?? { plan: options.plan ?? '' };
  const interrupted = () => {
    out.note('the request had been sent: the scan may have begun. tasker list tells');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', interrupted);
  const { answer } = await patiently(out, () => client.call('runNmap', { path, body })).catch(
    (error: unknown) => {
      throw request ? atItsPlace(error, request) : error;
    },
  );
  process.off('SIGINT', interrupted);
  if (out.json) out.value(answer);
  else out.lines(scanLines(answer, out.paint));
  const { id } = answer.submission;
  if (options.watch) await (await import('./watch.ts')).watchScan(session, id);
  else if (!out.json) out.note(`watch it: tasker watch ${id}`);
}

/** A plan has all that is to be said. */
function refuseBesidePlan(words: readonly string[], options: RunOptions): void {
  const { plan: _plan, watch: _watch, ...others } = options;
  const shared = ['url', 'project', 'ca', 'json', 'color'];
  const more = Object.keys(others).filter((name) => !shared.includes(name));
  if (words.length > 0 || more.length > 0)
    throw usage(`--plan stands alone: make a new plan with ${[...words, ...more].slice(0, 3).join(', ')}`);
}

function scanLines(
  { submission, summary, refused_detail, warnings }: Schema<'ScanAnswer'>,
  paint: Paint,
): string[] {
  const { id, state } = submission;
  const addresses = several(summary.sent_to_scan, 'address', 'addresses');
  return [
    `${paint('bold', `scan ${id}`)}  ${stateWord(state, paint)}  ${addresses}`,
    ...summaryLines(summary, refused_detail, paint),
    ...warningLines(warnings, paint),
  ];
}
