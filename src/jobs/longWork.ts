/** Planning in place where it is short, and in a thread where it would hold up the other jobs or requests. */
import type { Compute, Task } from '../runtime/compute.ts';
import type { Decided, ScopeSources, Undecided } from '../targets/decideTargets.ts';
import type { ExpandOptions } from '../targets/entries/expandEntries.ts';
import { COVER, DECIDE, FIND_EXCLUDED, MAKE_SCOPE, SUBTRACT } from '../targets/planningTasks.ts';
import type { CompiledRules } from '../targets/scope/compiledRules.ts';
import { Scope } from '../targets/scope/scope.ts';
import type { AddressSet } from '../targets/sets/addressSet.ts';

/** Some 200,000 ranges or 20,000 names. */
const LONG_BYTES = 2 ** 20;
const LONG_RANGES = 200_000;
/** Some 5,000 entries: they are read one by one, and sorted. */
const LONG_LINES = 2 ** 16;
const RANGE_BYTES = 16;

/** {@link decideTargets} */
export function decide(given: Undecided, compute: Compute, signal?: AbortSignal): Promise<Decided> {
  return planned(DECIDE, given, compute, signal);
}

/** The one place where rules meet the names of a submission: for its plan, its batches, and those who ask why. */
export async function compileScope(
  given: ScopeSources,
  compute: Compute,
  signal?: AbortSignal,
): Promise<Scope> {
  return new Scope(given.rules, await planned(MAKE_SCOPE, given, compute, signal));
}

/** The names of a submission that fall under an exclusion, each with the first one. */
export async function findExcluded(
  { hosts }: CompiledRules,
  resolved: readonly string[],
  compute: Compute,
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const bytes = bytesOf(resolved);
  if (bytes <= LONG_BYTES) return FIND_EXCLUDED.run({ hosts }, resolved);
  return compute.run(FIND_EXCLUDED, [{ hosts }, resolved], { bytes, signal });
}

/** Which entries add nothing; see `coveredEntries`. The lines are gone afterwards. */
export async function findCovered(
  lines: Uint8Array,
  options: ExpandOptions,
  compute: Compute,
  signal?: AbortSignal,
): Promise<Map<number, number[]>> {
  const bytes = lines.byteLength;
  if (bytes <= LONG_LINES) return COVER.run(lines, options);
  return compute.run(COVER, [lines, options], { bytes, handedOver: [lines], signal });
}

/** The addresses of `a` that are not in `b`. */
export async function difference(a: AddressSet, b: AddressSet, compute: Compute): Promise<AddressSet> {
  const ranges = (a.v4.length + a.v6.length + b.v4.length + b.v6.length) / 2;
  if (ranges <= LONG_RANGES) return SUBTRACT.run(a, b);
  return compute.run(SUBTRACT, [a, b], { bytes: ranges * RANGE_BYTES });
}

async function planned<Given extends ScopeSources, Result>(
  task: Task<[Given], Result>,
  given: Given,
  compute: Compute,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const bytes = given.expanded.length + bytesOf(given.resolved);
  // However many ranges the rules have: that is a sweep over them or two, and they would have to be copied.
  if (bytes <= LONG_BYTES) return task.run(given);
  // Its lists are long, and only messages name what stands in them.
  const rules = { ...given.rules, lists: [] };
  return compute.run(task, [{ ...given, rules }], {
    bytes: bytes + given.rules.ranges * RANGE_BYTES,
    signal,
  });
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}
