import type { Outcome } from '../../adapters/submissions/submissionView.ts';
import type { InvalidEntries, Progress, Warning } from '../../model/submission.ts';
import { formatAddress } from '../../targets/address/address.ts';
import { type AddressSet, addressesOf, count } from '../../targets/sets/addressSet.ts';
import { inPages, jsonStream } from '../http/jsonStream.ts';
import { inputsToScan } from './inputsToScan.ts';

/** Addresses and names that one answer lists at most; where there are more it says `"truncated":true`. */
export const LISTED_TARGETS = 65_536;
/**
 * What it lists of the prepared targets then: a part is no use as a list, so a few show what it is about, and a /8 is
 * answered as fast as a single address.
 */
export const SAMPLED_TARGETS = 1_000;

/** Where a submission can be asked for later. */
export function submissionLink({ id, project, state, paused }: Progress) {
  const href = `/tasks/${project}/submissions/${id}`;
  return { id, state, href, ...(paused !== null && { paused }) };
}

/** The entries that were skipped, as members of an answer; none when there are none. */
export function invalidEntries(invalid: InvalidEntries | undefined): object {
  if (invalid === undefined) return {};
  const { listed, total } = invalid;
  return { invalid_entries: listed, ...(total > listed.length && { invalid_entries_total: total }) };
}

/** The answer of run-nmap while nothing is known but numbers, and what was skipped. */
export function numbersOnly(
  progress: Progress,
  warnings: readonly Warning[],
  invalid?: InvalidEntries,
): object {
  return {
    summary: progress.summary,
    prepared_targets: {},
    input_to_scan: [],
    ...invalidEntries(invalid),
    warnings,
    submission: submissionLink(progress),
  };
}

/** The answer of run-nmap, piece by piece: callers know its keys in this order. */
export async function* scanAnswer(
  progress: Progress,
  outcome: Outcome,
  warnings: readonly Warning[],
): AsyncGenerator<string> {
  const targetLimit = targetCount(outcome) > LISTED_TARGETS ? SAMPLED_TARGETS : LISTED_TARGETS;
  yield `{"summary":${JSON.stringify(progress.summary)},"prepared_targets":{`;
  const allPrepared = yield* jsonStream(inPages(preparedTargets(outcome)), String, targetLimit);
  yield '},"input_to_scan":[';
  const allInputs = yield* jsonStream(inputsToScan(outcome), String, LISTED_TARGETS);
  const last = {
    ...(!(allPrepared && allInputs) && { truncated: true }),
    ...invalidEntries(outcome.invalid),
    refused_detail: outcome.refusedRows,
    warnings,
    submission: submissionLink(progress),
  };
  yield `],${JSON.stringify(last).slice(1)}`;
}

function targetCount({ accepted, refused, unresolvable }: Outcome): number {
  const sets = [accepted, ...refused.map(({ set }) => set)];
  return sets.reduce((sum, set) => sum + Number(count(set)), unresolvable.length);
}

/** The members of `prepared_targets` as text: there may be 65,536, and most of them differ in the address only. */
function* preparedTargets({ accepted, refused, hostnames, unresolvable }: Outcome): Generator<string> {
  const namesOf = (ip: string) => (hostnames.size === 0 ? undefined : hostnames.get(ip)) ?? '[]';
  function* members(set: AddressSet, verdict: string): Generator<string> {
    for (const address of addressesOf(set)) {
      const ip = formatAddress(address);
      yield `"${ip}":{"hostnames":${namesOf(ip)},${verdict}}`;
    }
  }
  yield* members(accepted, '"valid":true,"reason":null');
  for (const { reason, set } of refused) yield* members(set, `"valid":false,"reason":"${reason}"`);
  for (const name of unresolvable) {
    const text = JSON.stringify(name);
    yield `${text}:{"hostnames":[${text}],"valid":false,"reason":"unresolvable"}`;
  }
}
