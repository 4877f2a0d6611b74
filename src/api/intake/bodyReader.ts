/** Reads bodies without holding up the others. All take the body over: its bytes may be gone afterwards. */

import type { Compute, Task } from '../../runtime/compute.ts';
import { readExclusions, readRemoved } from '../exclusions/body.ts';
import { checkEntryLists, checkIfQuick, type EntryCheck } from './entryCheck.ts';
import { type Intake, type IntakeLimits, readIfQuick, readScanRequest } from './intake.ts';

/** Bodies up to this size, some 5,000 entries, are read in place in less than 10 ms; bigger ones would be felt by others. */
const IN_PLACE_BYTES = 64 * 1024;
/** The schema of exclusions takes ten times as long for each byte. */
const EXCLUSIONS_IN_PLACE_BYTES = 8 * 1024;

const READ_SCAN = taskOf(readScanRequest);
const CHECK_ENTRIES = taskOf(checkEntryLists);
export const READ_EXCLUSIONS = taskOf(readExclusions);
export const READ_REMOVED = taskOf(readRemoved);

/** What threads read for the API. */
export const INTAKE_TASKS = [READ_SCAN, CHECK_ENTRIES, READ_EXCLUSIONS, READ_REMOVED];

export async function readScan(compute: Compute, body: Uint8Array, limits: IntakeLimits): Promise<Intake> {
  const read = body.byteLength <= IN_PLACE_BYTES ? readIfQuick(body, limits) : undefined;
  return read ?? inThread(compute, READ_SCAN, [body, limits]);
}

export async function readCheck(
  compute: Compute,
  body: Uint8Array,
  limits: Pick<IntakeLimits, 'maxTargets' | 'allowSingleLabel'>,
): Promise<EntryCheck> {
  const read = body.byteLength <= IN_PLACE_BYTES ? checkIfQuick(body, limits) : undefined;
  return read ?? inThread(compute, CHECK_ENTRIES, [body, limits]);
}

export async function readList<Args extends [body: Uint8Array, ...rest: unknown[]], Result>(
  compute: Compute,
  task: Task<Args, Result>,
  ...args: Args
): Promise<Result> {
  return args[0].byteLength <= EXCLUSIONS_IN_PLACE_BYTES ? task.run(...args) : inThread(compute, task, args);
}

function inThread<Args extends [body: Uint8Array, ...rest: unknown[]], Result>(
  compute: Compute,
  task: Task<Args, Result>,
  args: Args,
): Promise<Result> {
  return compute.run(task, args, { bytes: args[0].byteLength, handedOver: [args[0]] });
}

function taskOf<Args extends unknown[], Result>(run: (...args: Args) => Result): Task<Args, Result> {
  return { name: run.name, run };
}
