/** What a submission wants to scan, before anybody looks at what is out or held by others. */
import { scopeRulesOf } from '../../adapters/scopeRules/ruleStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { RefusalReason } from '../../model/refusal.ts';
import type { PlanRules, RefusedRow, ResolvedName } from '../../model/submission.ts';
import { ScopeChangedError, ScopeError } from '../../runtime/errors.ts';
import { inTurns } from '../../runtime/turns.ts';
import type { Address } from '../../targets/address/address.ts';
import { knownNames, type MergedNames, mergeNames } from '../../targets/mergeNames.ts';
import { lookAtNames } from '../../targets/scope/compiledRules.ts';
import { describeChange, ruleDiffInSteps } from '../../targets/scope/ruleDiff.ts';
import type { KnownName, Scope } from '../../targets/scope/scope.ts';
import {
  type AddressSet,
  count,
  countInSteps,
  EMPTY,
  isEmpty,
  subtractInSteps,
} from '../../targets/sets/addressSet.ts';
import { AddressTally } from '../addressTally.ts';
import { longListWarnings } from '../publish/taskNames.ts';
import type { StageContext } from '../runner/stage.ts';
import { ledgerHosts } from './ledgerHosts.ts';
import { rulesNow, type SubmissionRules, scopeForPlanning } from './scopeForPlanning.ts';

/** Where no rule looks at names: there may be a million. */
const NONE_KNOWN: ReadonlyMap<string, KnownName> = new Map();
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
  const { plans } = context;
  const [rules, { expanded, resolved, missing }] = await Promise.all([
    rulesNow(facts, context),
    plans.found(facts.id),
  ]);
  if (missing > 0) {
    // A resolve job that somebody removed lets dedup start without its names.
    throw new Error(`${missing} chunks of names were never resolved: stop the scan and send it again`);
  }
  const submitted = lookAtNames(rules.compiled) ? await inTurns(knownNames(resolved)) : NONE_KNOWN;
  const sources = { rules, resolved, submitted, listed: expanded };
  const { scope, planRules } = await scopeForPlanning(facts, sources, context);
  const found = await inTurns(mergeNames(expanded, resolved, submitted, chooser(scope, facts.options)));
  await checkCount(found.set, { expanded, resolved }, context);
  const parts = await inTurns(scope.splitInSteps(found.set));
  const known = await askLedger(facts, parts.accepted, found, context);
  const [counts] = await Promise.all([
    inTurns(scope.breakdownInSteps(parts, REFUSED_ROWS)),
    context.ruleStore.hold(rules.shared, facts.project).then(() => plans.saveRules(facts.id, planRules)),
    plans.saveNames(facts.id, found),
    plans.saveWarnings(facts.id, 'dedup', longListWarnings(found.hostnames)),
  ]);
  const rows: RefusedRow[] = counts.map((row) => ({ ...row, count: Number(row.count) }));
  if (!isEmpty(known)) rows.push(ledgerRow(known));
  for (const [failure, names] of found.failures) rows.push(failureRow(failure, names));
  if (facts.invalid > 0) rows.push(invalidRow(facts.invalid));
  return {
    set: await inTurns(subtractInSteps(parts.accepted, known)),
    refused: [
      { reason: 'already_in_scanledger', set: known },
      { reason: 'forbidden', set: parts.forbidden },
      { reason: 'private_ip', set: parts.private_ip },
    ],
    rows,
    resolvedIps: Number(await inTurns(countInSteps(found.set))),
    links: found.links,
    unresolvable: found.unresolvable.length,
    queuedBefore: EMPTY,
  };
}

/**
 * The limit once more, now that the addresses of the names are known.
 * @throws ScopeError with all numbers when there are too many
 */
async function checkCount(
  set: AddressSet,
  { expanded, resolved }: { expanded: AddressSet; resolved: readonly ResolvedName[] },
  { maxTargets }: StageContext,
): Promise<void> {
  const targets = await inTurns(countInSteps(set));
  if (targets <= BigInt(maxTargets)) return;
  const listed = await inTurns(countInSteps(expanded));
  const tally = new AddressTally();
  for (const [name, each] of resolved) tally.add(name, 'failure' in each ? 0 : each.addresses.length);
  const most = tally.greatest === '' ? '' : `; most have ${tally.greatest}`;
  throw new ScopeError(
    `the hosts come to ${targets} targets: ${listed} addresses of networks and ranges, and ${targets - listed} more ` +
      `of ${resolved.length} names; the limit is ${maxTargets} (MAX_TARGETS)${most}`,
  );
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
  const changes = await inTurns(ruleDiffInSteps(old, current));
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
  const { merges } = await ledgerHosts(ledger, facts.project, known, hostnames, signal);
  if (merges.length > 0) await ledger.addHostnames(facts.project, merges, signal);
}

async function askLedger(
  { kind, project, options }: SubmissionFacts,
  wanted: AddressSet,
  { hostnames }: MergedNames,
  { ledger, signal }: StageContext,
): Promise<AddressSet> {
  if (options.mode !== 'insert' || !ledger || isEmpty(wanted)) return EMPTY;
  const { known, merges } = await ledgerHosts(ledger, project, wanted, hostnames, signal);
  if (kind === 'scan' && merges.length > 0) await ledger.addHostnames(project, merges, signal);
  return known;
}

/** Which addresses a name adds: all, or with `single_resolve` one. An excluded name adds only what is refused. */
function chooser(scope: Scope, { single_resolve }: SubmissionFacts['options']) {
  return (name: string, known: KnownName): readonly Address[] => {
    const excluded = scope.judgeName(name, known) !== undefined;
    const addresses = excluded ? known.addresses.filter((each) => !scope.allows(each)) : known.addresses;
    return single_resolve ? lowestOpen(addresses, scope) : addresses;
  };
}

/** The lowest address that may be scanned, or the lowest of all when none may. */
function lowestOpen(addresses: readonly Address[], scope: Scope): Address[] {
  const open = addresses.find((address) => scope.allows(address));
  return [open ?? addresses[0]].filter((address) => address !== undefined);
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
