/** What a submission wants to scan, before anybody looks at what is out or held by others. */
import { scopeRulesOf } from '../../adapters/scopeRules/ruleStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { RefusalReason } from '../../model/refusal.ts';
import type { PlanRules, RefusedRow } from '../../model/submission.ts';
import { ScopeChangedError } from '../../runtime/errors.ts';
import type { Decided } from '../../targets/decideTargets.ts';
import { bucketOf, namesIn, readBucket } from '../../targets/hostnameBuckets.ts';
import { describeChange, ruleDiff } from '../../targets/scope/ruleDiff.ts';
import { breakdownOf } from '../../targets/scope/scope.ts';
import { type AddressSet, count, EMPTY, isEmpty, subtract } from '../../targets/sets/addressSet.ts';
import { decide } from '../longWork.ts';
import type { StageContext } from '../runner/stage.ts';
import { excludedNames } from './excludedNames.ts';
import { ledgerHosts } from './ledgerHosts.ts';
import { rulesNow, type SubmissionRules } from './rulesNow.ts';

/** Rows of an answer's breakdown; beyond them the rest is summed up. */
const REFUSED_ROWS = 1_000;

export interface Candidates {
  set: AddressSet;
  refused: { reason: RefusalReason; set: AddressSet }[];
  /** How many each rule refused; together as many as `refused` and the names without an address. */
  rows: RefusedRow[];
  /** Distinct addresses found, refused ones included. */
  resolvedIps: number;
  /** (name, address) pairs. */
  links: number;
  unresolvable: number;
  /** What the plan of this scan left out because it was queued then. */
  queuedBefore: AddressSet;
}

/** Out of what expand and resolve found, minus what the scope rules refuse and what the ledger knows. */
export async function candidates(facts: SubmissionFacts, context: StageContext): Promise<Candidates> {
  const { plans, compute, maxTargets, signal } = context;
  const [rules, { expanded, resolved, missing }] = await Promise.all([
    rulesNow(facts, context),
    plans.found(facts.id, signal),
  ]);
  if (missing > 0) {
    // A resolve job that somebody removed lets dedup start without its names.
    throw new Error(`${missing} chunks of names were never resolved: stop the scan and send it again`);
  }
  const { options } = facts;
  const allowUnresolved = options.allow_unresolved_exclusions === true;
  const lookup = { rules: rules.compiled, submitted: resolved, allowUnresolved };
  const excluded = await excludedNames(lookup, context, signal);
  const singleResolve = options.single_resolve === true;
  const given = { expanded, resolved, excluded, rules: rules.compiled, singleResolve, maxTargets };
  const decided = await decide(given, compute, signal);
  const { parts } = decided;
  const planRules = { shared: rules.shared.ref, request: rules.request, excluded };
  const known = await askLedger(facts, parts.accepted, decided, context);
  await Promise.all([
    context.ruleStore.hold(rules.shared, facts.project).then(() => plans.saveRules(facts.id, planRules)),
    plans.saveNames(facts.id, decided),
    plans.saveWarnings(facts.id, 'dedup', decided.warnings),
  ]);
  const counts = breakdownOf(rules.compiled, decided.counts, REFUSED_ROWS);
  const rows: RefusedRow[] = counts.map((row) => ({ ...row, count: Number(row.count) }));
  if (!isEmpty(known)) rows.push(ledgerRow(known));
  for (const [failure, names] of decided.failures) rows.push(failureRow(failure, names));
  if (facts.invalid > 0) rows.push(invalidRow(facts.invalid));
  return {
    set: subtract(parts.accepted, known),
    refused: [
      { reason: 'already_in_scanledger', set: known },
      { reason: 'forbidden', set: parts.forbidden },
      { reason: 'private_ip', set: parts.private_ip },
    ],
    rows,
    resolvedIps: decided.resolvedIps,
    links: decided.links,
    unresolvable: [...decided.failures.values()].reduce((sum, names) => sum + names, 0),
    queuedBefore: EMPTY,
  };
}

/**
 * Exactly what a plan came to.
 * @throws ScopeChangedError when the scope rules are others by now
 */
export async function plannedCandidates(facts: SubmissionFacts, context: StageContext): Promise<Candidates> {
  const { plans, decisions } = context;
  const before = await plans.rules(facts.id);
  const rules = await rulesNow(facts, context);
  const what = await changesSince(before, rules, context);
  if (what !== undefined)
    throw new ScopeChangedError(
      `the scope rules have changed since plan ${facts.plan} was made: make a new one. ${what}`,
    );
  await context.ruleStore.hold(rules.shared, facts.project);
  const { set, refused, rows } = await decisions.planned(facts.id);
  const queuedBefore = refused.get('already_in_queue') ?? EMPTY;
  refused.delete('already_in_queue');
  await mergeKnown(facts, refused.get('already_in_scanledger') ?? EMPTY, context);
  const unresolvable = rows.filter(({ reason }) => reason === 'unresolvable');
  return {
    set,
    refused: [...refused].map(([reason, each]) => ({ reason, set: each })),
    rows: rows.filter(({ reason }) => reason !== 'already_in_queue'),
    resolvedIps: facts.resolvedIps,
    links: facts.links,
    unresolvable: unresolvable.reduce((sum, row) => sum + row.count, 0),
    queuedBefore,
  };
}

/** How the rules differ from those of a plan; undefined: they do not. */
async function changesSince(
  before: PlanRules,
  now: SubmissionRules,
  { ruleStore }: StageContext,
): Promise<string | undefined> {
  const same =
    before.shared.installation === now.shared.ref.installation &&
    before.shared.project === now.shared.ref.project;
  if (same) return undefined; // the request's own are those of the plan
  const shared = await ruleStore.read(before.shared);
  if (shared === undefined) return 'What they were is no longer kept';
  const [old, current] = [scopeRulesOf(shared, before.request), scopeRulesOf(now.shared, now.request)];
  const changes = ruleDiff(old, current);
  return changes.length === 0 ? undefined : changes.map((change) => describeChange(change)).join('. ');
}

/** The names of what the ledger knew when the plan was made: a plan itself changes nothing there. */
async function mergeKnown(
  facts: SubmissionFacts,
  known: AddressSet,
  { plans, ledger, signal }: StageContext,
): Promise<void> {
  if (!ledger || facts.links === 0 || isEmpty(known)) return;
  const hostnames = await plans.hostnames(facts);
  const { merges } = await ledgerHosts(ledger, facts.project, known, (ip) => hostnames.get(ip) ?? [], signal);
  if (merges.length > 0) await ledger.addHostnames(facts.project, merges, signal);
}

async function askLedger(
  { kind, project, options }: SubmissionFacts,
  wanted: AddressSet,
  { hostnames, links }: Decided,
  { ledger, signal }: StageContext,
): Promise<AddressSet> {
  if (options.mode !== 'insert' || !ledger || isEmpty(wanted)) return EMPTY;
  const { known, merges } = await ledgerHosts(
    ledger,
    project,
    wanted,
    namesByAddress(hostnames, links),
    signal,
  );
  if (kind === 'scan' && merges.length > 0) await ledger.addHostnames(project, merges, signal);
  return known;
}

/** The names of an address, out of its bucket. */
function namesByAddress(buckets: ReadonlyMap<string, string>, links: number): (ip: string) => string[] {
  return (ip) => {
    const lists = new Map<string, string>();
    readBucket(lists, buckets.get(bucketOf(ip, links)) ?? '');
    const names = lists.get(ip);
    return names === undefined ? [] : namesIn(names);
  };
}

function ledgerRow(known: AddressSet): RefusedRow {
  const detail = { rule: 'ledger' as const, source: 'ScanLedger', entry: '' };
  return { reason: 'already_in_scanledger', detail, count: Number(count(known)) };
}

function invalidRow(entries: number): RefusedRow {
  return { reason: 'other', detail: { rule: 'entry', source: 'request', entry: '' }, count: entries };
}

function failureRow(failure: string, names: number): RefusedRow {
  return { reason: 'unresolvable', detail: { rule: 'dns', source: 'DNS', entry: failure }, count: names };
}
