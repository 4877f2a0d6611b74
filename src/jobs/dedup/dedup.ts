import { setTimeout as delay } from 'node:timers/promises';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { noRefusals } from '../../adapters/submissions/progress.ts';
import { shortPorts } from '../../adapters/workers/shortPorts.ts';
import type { RefusalReason } from '../../model/refusal.ts';
import { canonicalRequest, portShardsOf } from '../../nmap/portShards.ts';
import { type AddressSet, count, isEmpty, subtract, union } from '../../targets/sets/addressSet.ts';
import { RetryLaterError, type Stage, type StageContext } from '../runner/stage.ts';
import { countStored } from '../storedQuota.ts';
import { type Candidates, candidates, plannedCandidates, rowOf } from './candidates.ts';
import { conflicts } from './conflicts.ts';

/** Another submission reserved first so many times in a row: something is wrong, let the job be tried again later. */
const MAX_RACES = 200;

/** Jobs of one process that ask the ledger at once. A slow one must not hold those up that do not ask it. */
export const LEDGER_PLACES = 6;
const LEDGER_REST_MS = 500;

/** One set out of all chunks, minus what must not or need not be scanned; what is left is reserved. */
export const dedup: Stage = {
  name: 'dedup',
  description: 'One target set, minus what is refused, known or queued; the rest is reserved.',
  attempts: 4,
  backoffMs: 1_000,
  concurrency: 8,
  share: 4,
  async run(_, context) {
    const { facts, ledger, askingLedger, signal } = context;
    if (facts.options.mode !== 'insert' || !ledger) return decide(facts, context);
    if (!askingLedger.hasRoom(1)) throw new RetryLaterError('others ask the ledger', LEDGER_REST_MS, 'job');
    return askingLedger.hold(1, () => decide(facts, context), signal);
  },
};

async function decide(facts: SubmissionFacts, context: StageContext): Promise<Record<string, unknown>> {
  const wanted =
    facts.plan === undefined ? await candidates(facts, context) : await plannedCandidates(facts, context);
  return reserve(facts, wanted, context);
}

/** Reserves what nobody else holds; computes again when somebody reserved in between. */
async function reserve(
  facts: SubmissionFacts,
  wanted: Candidates,
  { submissions, decisions, batches, projects, tasks, log, signal }: StageContext,
): Promise<Record<string, unknown>> {
  const parts = portShardsOf(facts.options).length;
  for (let race = 0; race < MAX_RACES; race++) {
    signal?.throwIfAborted();
    const [{ version, queued }] = await Promise.all([
      conflicts(facts, wanted.set, { batches, projects, tasks }),
      race === 0 ? countStored(facts, { submissions }) : undefined,
    ]);
    const allQueued = union(wanted.queuedBefore, queued);
    const refused = [...wanted.refused, { reason: 'already_in_queue' as const, set: allQueued }].filter(
      ({ set }) => !isEmpty(set),
    );
    const accepted = subtract(wanted.set, queued);
    const targets = Number(count(accepted));
    const decision = {
      accepted,
      targets,
      total: targets * parts,
      canonicalPorts: shortPorts(canonicalRequest(facts.options)),
      resolvedIps: wanted.resolvedIps,
      links: wanted.links,
      refusedCounts: countRefused(refused, wanted.unresolvable),
    };
    const queuedRow = rowOf('already_in_queue', 'queue', 'this project', Number(count(allQueued)));
    const rows = [...wanted.rows, queuedRow].filter((row) => row.count > 0).sort((a, b) => b.count - a.count);
    // Neither reads what the other writes, and what was refused is not read before this job has ended.
    const decide =
      facts.kind === 'plan' ? decisions.keep(facts, decision) : decisions.reserve(facts, version, decision);
    const [result] = await Promise.all([decide, decisions.saveRefused(facts.id, refused, rows)]);
    if (result === 'kept') return { targets, refused: decision.refusedCounts };
    if (result === 'stopped') return { stopped: true };
    if (result === 'reserved') {
      const { total: tasks, refusedCounts: refused } = decision;
      log.info({ accepted: targets, tasks, refused, project: facts.project }, 'targets reserved');
      return { accepted: targets, tasks, refused };
    }
    await delay(Math.random() * 10);
  }
  throw new Error(`other submissions of the project reserved first ${MAX_RACES} times in a row`);
}

function countRefused(
  refused: readonly { reason: RefusalReason; set: AddressSet }[],
  unresolvable: number,
): Record<RefusalReason, number> {
  const counts = noRefusals();
  for (const { reason, set } of refused) counts[reason] = Number(count(set));
  counts.unresolvable = unresolvable;
  return counts;
}
