import { ApiError, type Schema } from '../../client/client.ts';
import { EXIT, Exit } from '../exitCodes.ts';
import { counted, several } from '../terminal/numbers.ts';
import type { ScanRequest } from './scanRequest.ts';
import type { Source } from './targets.ts';

type Problem = Schema<'Problem'>;

const MOST_SHOWN = 50;
/** The API writes the place behind the message, and we before it. */
const PLACE = / \(line \d+, column \d+\)$/;

/** Says where in the files of the caller the request is wrong; anything else stays what it is. */
export function atItsPlace(thrown: unknown, request: ScanRequest): unknown {
  if (!(thrown instanceof ApiError) || thrown.status !== 422) return thrown;
  const { detail, errors_total } = thrown.body as Partial<Schema<'ScanRefused'>>;
  if (!Array.isArray(detail)) return thrown;
  const total = errors_total ?? detail.length;
  const lines = detail.slice(0, MOST_SHOWN).map((problem) => lineOf(problem, request));
  if (total > lines.length) lines.push(`… and ${counted(total - lines.length)} more`);
  const skip = thrown.code === 'invalid_entry' ? ', or leave such lines out with --on-invalid skip' : '';
  const message = `nothing was sent: mend ${several(total, 'place')}${skip}`;
  return new Exit(EXIT.refused, message, lines, thrown.body);
}

function lineOf(problem: Problem, request: ScanRequest): string {
  const [, list, item] = problem.loc;
  const source = list === 'hosts' || list === 'exclude' ? sourceOf(list, item, request) : undefined;
  const message = problem.msg.replace(PLACE, '');
  if (source === undefined) return `${placeInProfile(problem, request)}: ${message}`;
  if (!source.isFile) return `${source.name}: ${message}`;
  const { line = 1, column = 1, input } = problem;
  const entry = typeof input === 'string' && input !== source.text ? ` ${input}:` : '';
  return `${source.name}:${line}:${column}:${entry} ${message}`;
}

/** undefined: the item stands in the profile, or nowhere. */
function sourceOf(
  list: 'hosts' | 'exclude',
  item: string | number | undefined,
  { body, hosts, exclude }: ScanRequest,
): Source | undefined {
  if (typeof item !== 'number') return undefined;
  if (list === 'hosts') return hosts[item];
  return exclude[item - ((body.exclude?.length ?? 0) - exclude.length)];
}

function placeInProfile({ loc }: Problem, { profile }: ScanRequest): string {
  const path = loc.slice(1);
  const line = profile?.lineOf(path);
  const field = path.join('.');
  return line === undefined ? field : `${profile?.name}:${line}: ${field}`;
}
