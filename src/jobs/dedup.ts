import { setTimeout as delay } from 'node:timers/promises';
import type { RefusalReason } from '../adapters/submission.ts';
import type { SubmissionFacts } from '../adapters/submissionStore.ts';
import { noRefusals } from '../adapters/submissionView.ts';
import { canonicalPorts } from '../nmap/portSet.ts';
import { type AddressSet, count, EMPTY, isEmpty, subtract } from '../targets/addressSet.ts';
import { type FoundTargets, foundTargets } from './foundTargets.ts';
import { knownTargets } from './knownTargets.ts';
import { queuedTargets } from './queuedTargets.ts';
import type { Stage, StageContext } from './stage.ts';

/** Another submission reserved first so many times in a row: something is wrong, let the job be tried again later. */
const MAX_RACES = 200;

interface Refused {
  reason: RefusalReason;
  set: AddressSet;
}

/** One set out of all chunks, minus what must not or need not be scanned; what is left is reserved. */
export const dedup: Stage = {
  name: 'dedup',
  description: 'One target set, minus what is refused, known or queued; the rest is reserved.',
  attempts: 4,
  backoffMs: 1_000,
  concurrency: 4,
  async run({ submission }, context) {
    const facts = await context.submissions.facts(submission);
    const found = await findAll(submission, context);
    const inScope = context.scope.split(found.set);
    const known = await askLedger(facts, inScope.accepted, found, context);
    await context.plans.saveNames(submission, found.hostnames, found.unresolvable);
    const refused: Refused[] = [
      { reason: 'already_in_scanledger', set: known },
      { reason: 'forbidden', set: inScope.forbidden },
      { reason: 'private_ip', set: inScope.private_ip },
    ];
    return reserve(facts, subtract(inScope.accepted, known), refused, found, context);
  },
};

async function findAll(submission: string, { plans }: StageContext): Promise<FoundTargets> {
  const { expanded, resolved, chunks } = await plans.found(submission);
  if (resolved.length !== chunks) {
    // A resolve job that somebody removed lets dedup start without its names.
    throw new Error(
      `${chunks - resolved.length} of ${chunks} chunks of names were never resolved: stop the scan and send it again`,
    );
  }
  return foundTargets(expanded, resolved);
}

async function askLedger(
  { project, options }: SubmissionFacts,
  wanted: AddressSet,
  { hostnames }: FoundTargets,
  { ledger, signal }: StageContext,
): Promise<AddressSet> {
  if (options.mode !== 'insert' || !ledger || isEmpty(wanted)) return EMPTY;
  const { known, merges } = await knownTargets(ledger, project, wanted, hostnames, signal);
  if (merges.length > 0) await ledger.addHostnames(project, merges, signal);
  return known;
}

/** Reserves what nobody else holds; computes again when somebody reserved in between. */
async function reserve(
  facts: SubmissionFacts,
  wanted: AddressSet,
  refused: readonly Refused[],
  found: FoundTargets,
  { plans, batches, projects, tasks, log, signal }: StageContext,
): Promise<Record<string, unknown>> {
  for (let race = 0; race < MAX_RACES; race++) {
    signal?.throwIfAborted();
    const { version, queued } = await queuedTargets(facts, wanted, { batches, projects, tasks });
    const all = [...refused, { reason: 'already_in_queue' as const, set: queued }].filter(
      ({ set }) => !isEmpty(set),
    );
    const accepted = subtract(wanted, queued);
    const decision = {
      accepted,
      total: Number(count(accepted)),
      canonicalPorts: canonicalPorts(facts.options.open_ports_opts.ports),
      resolvedIps: Number(count(found.set)),
      links: found.links,
      refusedCounts: countRefused(all, found.unresolvable.length),
    };
    await plans.saveRefused(facts.id, all);
    const result = await plans.reserve(facts, version, decision);
    if (result === 'stopped') return { stopped: true };
    if (result === 'reserved') {
      const { total: accepted, refusedCounts } = decision;
      log.info({ accepted, refused: refusedCounts, project: facts.project }, 'targets reserved');
      return { accepted, refused: refusedCounts };
    }
    await delay(Math.random() * 10);
  }
  throw new Error(`other submissions of the project reserved first ${MAX_RACES} times in a row`);
}

function countRefused(refused: readonly Refused[], unresolvable: number): Record<RefusalReason, number> {
  const counts = noRefusals();
  for (const { reason, set } of refused) counts[reason] = Number(count(set));
  counts.unresolvable = unresolvable;
  return counts;
}
