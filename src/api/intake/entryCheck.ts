import { parseEntry } from '../../targets/entries/entry.ts';
import { parseRuleEntry } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { bodyProblem, parseJson } from '../body/jsonBody.ts';
import { addTooMany, readEntries } from '../exclusions/body.ts';
import { problemOf, shown, type ValidationError, ValidationErrors } from '../http/validationErrors.ts';
import { entriesToCheckSchema } from '../plans/checkSchemas.ts';
import { readEntryList } from './hosts.ts';
import { ALL, type Effort, type IntakeLimits, limitProblem, QUICK } from './intake.ts';

/** Something wrong with an entry, for whoever types it. */
interface EntryProblem {
  list: 'hosts' | 'exclude';
  /** Index in the list; null: it is the list as a whole. */
  item: number | null;
  /** Both from 1. */
  line: number;
  column: number;
  /** Characters of what is wrong there. */
  length: number;
  input: unknown;
  message: string;
  /** What to put in its place. */
  fix?: string;
}

interface CheckedEntries {
  provided: number;
  duplicates_removed: number;
  entries: number;
  addresses: number;
  names: number;
  exclusions: number;
  problems: EntryProblem[];
  problems_total?: number;
  warnings: readonly { code: string; message: string }[];
}

export type EntryCheck = { ok: true; checked: CheckedEntries } | { ok: false; detail: ValidationError[] };

type Limits = Pick<IntakeLimits, 'maxTargets' | 'allowSingleLabel'>;

/** What the parser of scan requests says of entries. Pure: it runs in a thread when there are many. */
export function checkEntryLists(body: Uint8Array, limits: Limits): EntryCheck {
  return checkUpTo(ALL, body, limits) as EntryCheck;
}

/** The same, unless it takes so long that others would have to wait: then nothing. */
export function checkIfQuick(body: Uint8Array, limits: Limits): EntryCheck | undefined {
  return checkUpTo(QUICK, body, limits);
}

function checkUpTo(effort: Effort, body: Uint8Array, limits: Limits): EntryCheck | undefined {
  const parsed = parseJson(body);
  if (!parsed.ok) return { ok: false, detail: [parsed.problem] };
  if (parsed.value === null) return { ok: false, detail: [bodyProblem('missing', 'Field required')] };
  const { value, error } = entriesToCheckSchema.validate(parsed.value, { abortEarly: false });
  if (error !== undefined) return { ok: false, detail: error.details.map((item) => problemOf(item)) };

  const { allowSingleLabel } = limits;
  const errors = new ValidationErrors((input) => input);
  const rules = { skipLines: false, networkAndBroadcast: false, expectedBytes: body.length };
  const list = readEntryList(value.hosts, { ...rules, ...effort, allowSingleLabel }, errors);
  const bad = errors.total;
  const exclusions = new Set<string>();
  const sum = new RangeSum();
  for (const [index, item] of value.exclude.entries()) {
    if (errors.total > effort.maxProblems) break;
    for (const { normal, entry, ranges } of readEntries(item, ['body', 'exclude', index], errors, limits)) {
      if (!exclusions.has(normal)) sum.add(entry, ranges);
      exclusions.add(normal);
    }
  }
  addTooMany(sum, ['body', 'exclude'], errors);
  const isLong = list.ranges > effort.maxRanges || errors.total > effort.maxProblems;
  if (effort === QUICK && isLong) return undefined;
  const beyond = limitProblem(list, limits);
  if (beyond !== undefined) errors.add(beyond);
  const addresses = Number(list.targets) - list.names;
  return {
    ok: true,
    checked: {
      provided: list.provided,
      duplicates_removed: list.duplicatesRemoved,
      entries: list.provided - list.duplicatesRemoved - bad,
      addresses: Math.max(0, addresses),
      names: list.names,
      exclusions: exclusions.size,
      problems: errors.listed.map((problem) => entryProblem(problem, limits)),
      ...(errors.total > errors.listed.length && { problems_total: errors.total }),
      warnings: list.warnings,
    },
  };
}

/** A problem as the scan request would name it, with what is wrong and what was meant apart. */
function entryProblem(
  { loc, msg, input, line = 1, column = 1 }: ValidationError,
  limits: Limits,
): EntryProblem {
  const [, name, item] = loc;
  const list = name === 'exclude' ? 'exclude' : 'hosts';
  const place = { list, item: typeof item === 'number' ? item : null, line, column } as const;
  if (typeof input !== 'string') return { ...place, length: 0, input: shown(input), message: msg };
  const read = list === 'hosts' ? parseEntry(input, limits) : parseRuleEntry(input, limits);
  const known = { ...place, length: input.length, input: shown(input) };
  if (read.ok) return { ...known, message: msg };
  const { problem, suggestion } = read;
  const isEntry = suggestion !== undefined && isReadable(suggestion, list, limits);
  const message = suggestion === undefined || isEntry ? problem : `${problem}; did you mean ${suggestion}?`;
  return { ...known, message, ...(isEntry && { fix: suggestion }) };
}

/** Whether a suggestion can be put in the place of an entry: others are said in words. */
function isReadable(suggestion: string, list: EntryProblem['list'], limits: Limits): boolean {
  return (list === 'hosts' ? parseEntry(suggestion, limits) : parseRuleEntry(suggestion, limits)).ok;
}
