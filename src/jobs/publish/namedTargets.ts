/** The targets of a batch that names led to when they were planned, as their names are now. */
import type { Lookup } from '../../adapters/dispatch/batchStore.ts';
import { type MoveNote, parseMoveNote } from '../../adapters/dispatch/moveNotes.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { knownName } from '../../targets/mergeNames.ts';
import type { Scope } from '../../targets/scope/scope.ts';
import { has } from '../../targets/sets/addressSet.ts';
import type { StageContext } from '../runner/stage.ts';
import { decideMoves } from './moves.ts';
import type { Checked, Ground, Judged, Moves, NameNow } from './moveTerms.ts';
import { leadsTo, presentLookups } from './presentNames.ts';
import { whyDropped } from './whyDropped.ts';

/** Of a name that nothing newer is known of than the plan. */
const UNKNOWN: NameNow = { leadsTo: () => true, open: [] };

/** @throws ServiceUnavailableError when no DNS server answers */
export async function checkNamed(
  facts: SubmissionFacts,
  targets: readonly Judged[],
  scope: Scope,
  context: StageContext,
): Promise<Checked> {
  const { batches } = context;
  for (;;) {
    const ips = targets.map(({ ip }) => ip);
    const read = await batches.moveNotes(facts.id, ips);
    const names = await namesNow(facts, targets, read, scope, context);
    if (read.size === 0 && targets.every((target) => isAsPlanned(target, names)))
      return { kept: [...targets], moved: [], refused: [], withdrawn: [] };
    // Everything that the decision may look at: where the names lead now, and where they went before.
    const others = [...names.values()].flatMap(({ open }) => open);
    for (const text of read.values()) others.push(...Object.values(parseMoveNote(text).to ?? {}));
    const known = new Set(ips);
    const more = [...new Set(others)].filter((ip) => !known.has(ip));
    for (const [ip, text] of await batches.moveNotes(facts.id, more)) read.set(ip, text);
    const ground = await groundOf(facts, names, scope, context);
    const listed = await context.targets.set('listed', facts.id);
    const moves = decideMoves(
      targets.map((target) => ({ ...target, isListed: has(listed, target.address) })),
      new Map([...read].map(([ip, text]): [string, MoveNote] => [ip, parseMoveNote(text)])),
      ground,
    );
    // Another batch has taken one of the addresses meanwhile: decide anew.
    if (await batches.changeMoveNotes(facts.id, read, moves.changes)) return checkedBy(moves, ground);
  }
}

/** What the names of these targets are now; of those that rely on one of them as well. */
async function namesNow(
  facts: SubmissionFacts,
  targets: readonly Judged[],
  notes: ReadonlyMap<string, string>,
  scope: Scope,
  context: StageContext,
): Promise<Map<string, NameNow>> {
  const planned = new Map<string, string[]>();
  const unsettled = new Set<string>();
  for (const { ip, hostnames, refusal } of targets) {
    // An exclusion takes the names along: where else they lead does not matter.
    if (refusal?.detail.rule === 'exclusion' || refusal?.detail.rule === 'cancelled') continue;
    for (const name of [...hostnames, ...(parseMoveNote(notes.get(ip)).names ?? [])]) {
      const ips = planned.get(name);
      if (ips) ips.push(ip);
      else planned.set(name, [ip]);
      if (refusal) unsettled.add(name);
    }
  }
  const lookups = await presentLookups(facts, { planned, unsettled }, context);
  const names = [...planned.keys()];
  return new Map(names.map((name) => [name, nameNow(name, lookups.get(name), scope)]));
}

function nameNow(name: string, lookup: Lookup | undefined, scope: Scope): NameNow {
  const { addresses = [], chain = [] } = lookup ?? {};
  return {
    refusal: scope.judgeName(name, knownName({ addresses, chain })),
    leadsTo: (ip) => leadsTo(lookup, ip),
    open: addresses.filter((ip) => allowsFor(scope, ip, [name])),
  };
}

function allowsFor(scope: Scope, ip: string, names: readonly string[]): boolean {
  const address = parseAddress(ip);
  return address !== undefined && scope.allowsFor(address, names);
}

function isAsPlanned({ ip, hostnames, refusal }: Judged, names: ReadonlyMap<string, NameNow>): boolean {
  return (
    refusal === undefined &&
    hostnames.every((name) => {
      const now = names.get(name) ?? UNKNOWN;
      return now.refusal === undefined && now.leadsTo(ip);
    })
  );
}

async function groundOf(
  { id, options }: SubmissionFacts,
  names: ReadonlyMap<string, NameNow>,
  scope: Scope,
  { targets }: StageContext,
): Promise<Ground> {
  const [accepted, known] = await Promise.all([targets.set('accepted', id), targets.set('known', id)]);
  return {
    parts: portShardsOf(options).length,
    now: (name) => names.get(name) ?? UNKNOWN,
    allows: (ip, by) => allowsFor(scope, ip, by),
    decided(ip) {
      const address = parseAddress(ip);
      if (address === undefined) return undefined;
      if (has(accepted, address)) return 'planned';
      return has(known, address) ? 'known' : undefined;
    },
  };
}

function checkedBy({ verdicts, moved, withdrawn }: Moves, ground: Ground): Checked {
  const checked: Checked = { kept: [], moved: [], refused: [], withdrawn };
  for (const verdict of verdicts) {
    const { target, hostnames } = verdict;
    if (hostnames) checked.kept.push({ ...target, hostnames });
    else checked.refused.push({ target, ...whyDropped(verdict, ground) });
  }
  for (const task of moved) {
    const address = parseAddress(task.ip);
    if (address !== undefined) checked.moved.push({ ...task, address });
  }
  return checked;
}
