/** What a submission wants to scan, before anybody looks at what is out or held by others. */
import { scopeRulesOf } from '../../adapters/scopeRules/ruleStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { RefusalDetail, RefusalReason } from '../../model/refusal.ts';
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
  const excluded = await excludedNames(facts, rules.compiled, { submitted: resolved }, context, signal);
  const singleResolve = facts.options.single_resolve === true;
  const given = { expanded, resolved, excluded, rules: rules.compiled, singleResolve, maxTargets };
  const decided = await decide(given, compute, signal);
  const { parts } = decided;
  const { later } = rules;
  const planRules = {
    ...{ shared: rules.shared.ref, request: rules.request, excluded },
    ...(later.length > 0 && { later }),
  };
  const known =
    facts.options.mode === 'insert'
      ? await askLedger(facts, parts.accepted, namesByAddress(decided), context)
      : EMPTY;
  await Promise.all([
    context.ruleStore.hold(rules.shared, facts.project).then(() => plans.saveRules(facts.id, planRules)),
    plans.saveNames(facts.id, decided),
    plans.saveWarnings(facts.id, 'dedup', decided.warnings),
  ]);
  const counts = breakdownOf(rules.compiled, decided.counts, REFUSED_ROWS);
  const rows = [
    ...counts.map((row) => ({ ...row, count: Number(row.count) })),
    rowOf('already_in_scanledger', 'ledger', 'ScanLedger', Number(count(known))),
    ...[...decided.failures].map(([failure, names]) => rowOf('unresolvable', 'dns', 'DNS', names, failure)),
    rowOf('other', 'entry', 'request', facts.invalid),
  ];
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
  // The names of what the ledger knew when the plan was made: a plan itself changes nothing there.
  const known = refused.get('already_in_scanledger') ?? EMPTY;
  if (facts.links > 0 && !isEmpty(known)) {
    const hostnames = await plans.hostnames(facts);
    await askLedger(facts, known, (ip) => hostnames.get(ip) ?? [], context);
  }
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

/** What of `wanted` the ledger has. A scan adds the names there that it lacks. */
async function askLedger(
  { kind, project }: SubmissionFacts,
  wanted: AddressSet,
  namesOf: (ip: string) => readonly string[],
  { ledger, signal }: StageContext,
): Promise<AddressSet> {
  if (!ledger || isEmpty(wanted)) return EMPTY;
  const { known, merges } = await ledgerHosts(ledger, project, wanted, namesOf, signal);
  if (kind === 'scan' && merges.length > 0) await ledger.addHostnames(project, merges, signal);
  return known;
}

/** The names of an address, out of its bucket. */
function namesByAddress({ hostnames, links }: Decided): (ip: string) => string[] {
  return (ip) => {
    const lists = new Map<string, string>();
    readBucket(lists, hostnames.get(bucketOf(ip, links)) ?? '');
    const names = lists.get(ip);
    return names === undefined ? [] : namesIn(names);
  };
}

export function rowOf(
  reason: RefusalReason,
  rule: RefusalDetail['rule'],
  source: string,
  count: number,
  entry = '',
): RefusedRow {
  return { reason, detail: { rule, source, entry }, count };
}
