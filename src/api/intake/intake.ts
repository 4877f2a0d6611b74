import { MOST_EXCLUSIONS } from '../../adapters/scopeRules/exclusionStore.ts';
import type { NewSubmission, SubmissionKind, Warning } from '../../model/submission.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { bodyProblem, parseJson } from '../body/jsonBody.ts';
import { addTooMany, readEntries } from '../exclusions/body.ts';
import { problemOf, type ValidationError, ValidationErrors } from '../http/validationErrors.ts';
import { type EntryList, type EntryRules, readEntryList } from './hosts.ts';
import { checkOptions } from './optionRules.ts';
import { optionWarnings } from './optionWarnings.ts';
import { readPorts } from './ports.ts';
import { planRunSchema, type ScanRequestFields, scanRequestSchema } from './scanRequestSchema.ts';
import { checkUnknownFields } from './unknownFields.ts';

/** What may be asked for at once. */
export interface IntakeLimits {
  kind: SubmissionKind;
  /** Addresses of all entries together; a host name counts as one. */
  maxTargets: number;
  /** Host names may be a single label. */
  allowSingleLabel: boolean;
}

/** Separate ranges of all entries together, single addresses included: what is kept of a submission grows with them. */
const MAX_RANGES = 2_000_000;
/**
 * Read in a few milliseconds. Single addresses of a small body are fewer; a pattern of a few characters makes 65,536
 * ranges, and what is wrong with an entry takes ten times as long to say as to read it.
 */
export const QUICK: Effort = { maxRanges: 16_384, maxProblems: 100 };
export const ALL: Effort = { maxRanges: MAX_RANGES, maxProblems: Number.POSITIVE_INFINITY };

/** What a body asks for, before it is known who asks. */
export interface ScanRequest extends Omit<NewSubmission, 'kind' | 'project' | 'user'> {
  entries: Uint8Array<ArrayBuffer>;
}

export type Intake =
  | { ok: true; request: ScanRequest }
  | { ok: true; plan: string }
  | { ok: false; detail: ValidationError[]; total: number };

/**
 * Reads the body of run-nmap. Everything wrong with it is named at once, each bad entry included.
 * Pure: it runs in a worker thread when the body is big.
 */
export function readScanRequest(body: Uint8Array, limits: IntakeLimits): Intake {
  return readUpTo(ALL, body, limits) as Intake;
}

/** {@link readScanRequest}, unless it takes so long that others would have to wait: then nothing. */
export function readIfQuick(body: Uint8Array, limits: IntakeLimits): Intake | undefined {
  return readUpTo(QUICK, body, limits);
}

export type Effort = Pick<EntryRules, 'maxRanges' | 'maxProblems'>;

function readUpTo(effort: Effort, body: Uint8Array, limits: IntakeLimits): Intake | undefined {
  const errors = new ValidationErrors();
  const parsed = parseJson(body);
  if (!parsed.ok) return refused(errors, parsed.problem);
  if (parsed.value === null) return refused(errors, bodyProblem('missing', 'Field required'));
  if (typeof parsed.value !== 'object' || Array.isArray(parsed.value))
    return refused(errors, bodyProblem('model_attributes_type', 'Input should be an object', parsed.value));

  if (limits.kind === 'scan' && 'plan' in parsed.value) return readPlanRun(parsed.value, errors);
  const { value, error } = scanRequestSchema.validate(parsed.value);
  for (const item of error?.details ?? []) errors.add(problemOf(item));
  const unknown = checkUnknownFields(parsed.value, errors);
  const skipped = value?.on_invalid === 'skip' ? new ValidationErrors() : undefined;
  const rules = {
    skipLines: skipped !== undefined,
    allowSingleLabel: limits.allowSingleLabel,
    networkAndBroadcast: value?.include_network_and_broadcast === true,
    ...effort,
    expectedBytes: body.length,
  };
  const list = readEntryList(listAt(value, 'hosts'), rules, skipped ?? errors);
  const found = errors.total + (skipped?.total ?? 0);
  if (effort === QUICK && (list.ranges > QUICK.maxRanges || found > QUICK.maxProblems)) return undefined;
  const exclude = readExclude(listAt(value, 'exclude'), limits, errors, effort);
  if (effort === QUICK && errors.total > QUICK.maxProblems) return undefined;
  const ports = readPorts(listAt(value, 'open_ports_opts', 'ports'), errors);
  if (error !== undefined || errors.total > 0) return refused(errors);
  const { options, warnings: odd } = readOptions(value, ports, list, limits, errors);
  if (errors.total > 0) return refused(errors);
  const beyond = limitProblem(list, limits);
  if (beyond !== undefined) return refused(errors, beyond);
  const warnings = [...unknown, ...odd];

  const { lines, provided, duplicatesRemoved, names } = list;
  return {
    ok: true,
    request: {
      options,
      entries: lines,
      provided,
      duplicatesRemoved,
      names,
      expected: Number(list.targets) * portShardsOf(options).length,
      ...(exclude.length > 0 && { exclude }),
      ...(warnings.length > 0 && { warnings }),
      ...(skipped !== undefined &&
        skipped.total > 0 && { invalid: { listed: skipped.listed, total: skipped.total } }),
    },
  };
}

/** The options alone; what does not go together goes to `problems`, what is only odd to the warnings. */
function readOptions(
  { hosts: _hosts, exclude: _exclude, ...rest }: ScanRequestFields,
  ports: string[],
  { targets, warnings: odd }: EntryList,
  { maxTargets }: IntakeLimits,
  errors: ValidationErrors,
): { options: NewSubmission['options']; warnings: Warning[] } {
  const options = { ...rest, open_ports_opts: { ...rest.open_ports_opts, ports } };
  const warnings = [...optionWarnings(options), ...odd];
  // falcli's profiles have both; the system before knew no top_ports.
  if (ports.length > 0 && options.open_ports_opts.top_ports) options.open_ports_opts.top_ports = null;
  checkOptions(options, { targets, maxTargets }, errors);
  return { options, warnings };
}

/** The whole request is the id of a plan: anything else beside it would not be what was planned. */
function readPlanRun(body: object, errors: ValidationErrors): Intake {
  const { value, error } = planRunSchema.validate(body, { abortEarly: false });
  if (error === undefined) return { ok: true, plan: value.plan.toLowerCase() };
  for (const item of error.details) errors.add(problemOf(item));
  return refused(errors);
}

/** What the request leaves out, each entry in one spelling. */
function readExclude(
  items: readonly unknown[],
  { allowSingleLabel }: IntakeLimits,
  errors: ValidationErrors,
  { maxProblems }: Effort,
): string[] {
  const typed = new Map<string, string>();
  const sum = new RangeSum();
  for (const [index, item] of items.entries()) {
    if (typeof item !== 'string') continue; // the schema has said so
    if (errors.total > maxProblems) break;
    const loc = ['body', 'exclude', index];
    for (const { normal, entry, ranges } of readEntries(item, loc, errors, { allowSingleLabel })) {
      if (!typed.has(normal)) sum.add(entry, ranges);
      typed.set(normal, entry);
    }
  }
  addTooMany(sum, ['body', 'exclude'], errors);
  if (typed.size > MOST_EXCLUSIONS) {
    const msg = `there are ${typed.size} exclusions; the limit is ${MOST_EXCLUSIONS}: write networks or ranges`;
    errors.add({ type: 'too_many_exclusions', loc: ['body', 'exclude'], msg, input: null });
  }
  return [...typed.values()];
}

function refused(errors: ValidationErrors, last?: ValidationError): Intake {
  if (last) errors.add(last);
  return { ok: false, detail: errors.listed, total: errors.total };
}

/** The list at a path, also out of a request that has other faults; none there is an empty list. */
function listAt(value: unknown, ...path: string[]): unknown[] {
  let at = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  return Array.isArray(at) ? at : [];
}

export function limitProblem(
  { ranges, targets }: EntryList,
  { maxTargets }: Pick<IntakeLimits, 'maxTargets'>,
): ValidationError | undefined {
  const problem = { loc: ['body', 'hosts'], input: null };
  if (ranges > MAX_RANGES) {
    const msg = `the hosts come to ${ranges} separate addresses and ranges; the limit is ${MAX_RANGES}: write networks or ranges where they lie side by side, or send them in parts`;
    return { ...problem, type: 'too_many_ranges', msg };
  }
  if (targets <= BigInt(maxTargets)) return undefined;
  const msg = `the hosts come to ${targets} targets; the limit is ${maxTargets} (MAX_TARGETS)`;
  return { ...problem, type: 'too_many_targets', msg };
}
