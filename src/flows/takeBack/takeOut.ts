/** Takes targets out of scans that were submitted before: they get exclusions of their own, later. */
import { randomUUID } from 'node:crypto';
import type { AuditNote } from '../../adapters/audit/entry.ts';
import { newReceipt, type Receipt } from '../../adapters/scopeRules/receiptStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { LaterExclusions } from '../../model/submission.ts';
import { laterRules } from '../../targets/scope/laterRules.ts';
import { applyNow, type Excluded } from './exclude.ts';
import type { RuleServices } from './keepOut.ts';
import { EntryMatches } from './matches.ts';
import { openIn } from './takeBack.ts';

export interface TakeOut {
  project: string;
  /** undefined: those of the project that have something left. */
  submission?: string | undefined;
  how: LaterExclusions['how'];
  by: string;
  /** As typed; all of them can be read. */
  entries: readonly string[];
  running: Receipt['running'];
}

export interface TakenOut extends Excluded {
  /** undefined: nothing was to be taken out. */
  receipt: Receipt | undefined;
  /** Of what the entries are about, the tasks that were through before. */
  done: number;
  /** Scans that have some of it, or that are still being planned. */
  submissions: number;
  /** The entries that no target of these scans belongs to. */
  unmatched: string[];
}

const NOTHING: Omit<TakenOut, 'unmatched'> = {
  ...{ receipt: undefined, waiting: 0, ready: 0, running: 0, done: 0, submissions: 0, complete: true },
};

/**
 * @throws ScopeError when names of exclusions do not resolve: nothing was written
 */
export async function takeOut(
  asked: TakeOut,
  services: RuleServices,
  note?: AuditNote,
): Promise<TakenOut | 'unknown' | 'ended' | 'full'> {
  const { project, by, how, running } = asked;
  const scans = await scansOf(asked, services);
  if (typeof scans === 'string') return scans;
  const entries = [...asked.entries];
  const at = new Date().toISOString();
  const receipt = newReceipt({ id: randomUUID(), project, of: 'submissions', by, at, running }, entries);
  const list = { id: receipt.id, how, by, at, entries };
  const matches = new EntryMatches(laterRules([list]), services);
  const concerned: string[] = [];
  for (const facts of scans)
    if ((await matches.look(facts, receipt.id)) || how === 'excluded') concerned.push(facts.id);
  const unmatched = matches.unmatched();
  if (concerned.length === 0) return { ...NOTHING, unmatched };
  const written = await services.later.add(concerned, list, receipt, note);
  if (typeof written === 'string') return written;
  const applied = await applyNow(receipt, services);
  const { waiting, ready, running: atWork } = applied;
  const done = Math.max(0, matches.tasks - waiting - ready - atWork);
  services.log.info(
    { project, receipt: receipt.id, scans: written, ...applied },
    'targets were taken out of scans',
  );
  return { ...applied, receipt, done, submissions: concerned.length, unmatched };
}

/** The scans in question: one, or all of the project of which something is left. */
async function scansOf(
  { project, submission, how }: TakeOut,
  services: RuleServices,
): Promise<SubmissionFacts[] | 'unknown' | 'ended'> {
  const { submissions, tasks } = services;
  const ids = new Set(await openIn({ project }, services));
  for await (const page of tasks.tasksOut(project))
    for (const task of page) if (task.submission !== undefined) ids.add(task.submission);
  const facts = await Promise.all(
    [...(submission === undefined ? ids : [submission])].map((id) => submissions.find(id)),
  );
  const scans = facts.filter(
    (each) => each !== undefined && each.kind === 'scan' && each.project === project,
  );
  if (submission === undefined) return scans.filter((each) => each?.state !== 'stopped') as SubmissionFacts[];
  const [scan] = scans;
  if (scan === undefined) return 'unknown';
  if (ids.has(submission) && scan.state !== 'stopped') return [scan];
  // There is nothing to cancel of one that is over; what is asked to be excluded from it can only be a mistake.
  return how === 'cancelled' ? [] : 'ended';
}
