/** Why an address or a name was scanned, or was not: worked out from what is kept of each submission. */
import type { ResolvedName } from '../adapters/planStore.ts';
import type { RefusalReason, SubmissionState, User } from '../adapters/submission.ts';
import type { SubmissionPlace } from '../adapters/submissionIndex.ts';
import { knownName, knownNames } from '../jobs/foundTargets.ts';
import { type Address, formatAddress } from '../targets/address.ts';
import { type AddressSet, has } from '../targets/addressSet.ts';
import { compileScopeInSteps } from '../targets/compileScope.ts';
import { parseEntry, rangesOfEntry } from '../targets/entry.ts';
import { type PlacedEntry, PlacedReader } from '../targets/placedEntries.ts';
import type { RefusalDetail } from '../targets/rules.ts';
import type { Scope } from '../targets/scope.ts';
import { inTurns } from '../turns.ts';
import type { ExplainServices } from './explainServices.ts';
import type { TargetState } from './targetOutcome.ts';

/** Submissions that one question looks at; the answer says where to go on. */
const LOOKED_AT = 100;
/** Entries and addresses that are listed of one submission. */
const LISTED = 50;

/** What somebody asks about. */
export type Asked = { address: Address } | { name: string };

/** What one submission had to do with it. */
interface Explanation {
  submission: { id: string; state: SubmissionState; created_at: string; user: User };
  /** The entries that led to it; line and column from 1, item from 0. */
  entries: { entry: string; item: number; line: number; column: number }[];
  /** The names that led to it, or the name itself. */
  names: ExplainedName[];
  /** The address, or those of the name. */
  addresses: ExplainedAddress[];
}

interface ExplainedName {
  name: string;
  addresses: string[];
  /** CNAME targets in order. */
  chain: string[];
  /** ISO 8601. */
  looked_up_at?: string;
  ttl_s?: number;
  /** Its domain answers for every name below it. */
  wildcard?: true;
  /** Why it has no address. */
  refusal?: { reason: RefusalReason; detail: RefusalDetail };
}

interface ExplainedAddress {
  address: string;
  state: TargetState;
  /** Of a refused or dropped one. */
  refusal?: { reason: RefusalReason; detail: RefusalDetail };
  /** Of one that was sent: the task, or the first of its parts. */
  task_id: string | null;
  /** ISO 8601. */
  sent_at?: string;
  /** Who scans it now, and since when by that worker's word. */
  worker?: string;
  started_at?: unknown;
}

/** Newest first. `next`: where to go on, when there are more submissions. */
export interface Explained {
  explanations: Explanation[];
  next: SubmissionPlace | undefined;
}

/** Every submission of the project that had to do with it. */
export async function explain(
  project: string,
  asked: Asked,
  after: SubmissionPlace | undefined,
  services: ExplainServices,
): Promise<Explained> {
  const places = await services.index.page(project, after, LOOKED_AT);
  const explanations: Explanation[] = [];
  for (const { id } of places) {
    const found = await explainOne(id, asked, services);
    if (found) explanations.push(found);
  }
  return { explanations, next: places.length < LOOKED_AT ? undefined : places.at(-1) };
}

/** undefined: the submission had nothing to do with it, or nothing is kept of it. */
async function explainOne(
  id: string,
  asked: Asked,
  services: ExplainServices,
): Promise<Explanation | undefined> {
  const progress = await services.view.progress(id);
  if (progress === undefined) return undefined;
  const resolved = await services.plans.resolved(id);
  const names = resolved.filter(([name, resolution]) => leadsTo(name, resolution, asked)).slice(0, LISTED);
  const listed = await services.plans.expanded(id);
  if (names.length === 0 && !('address' in asked && has(listed, asked.address))) return undefined;
  const addresses =
    'address' in asked ? [asked.address] : names.flatMap(([, each]) => knownName(each).addresses);
  const scope = await scopeOf(id, { resolved, listed }, services);
  const explained: ExplainedAddress[] = [];
  for (const address of addresses.slice(0, LISTED))
    explained.push(...(await explainAddress(id, address, scope, services)));
  const { state, createdAt, user } = progress;
  return {
    submission: { id, state, created_at: createdAt, user },
    entries: await entriesFor(id, asked, new Set(names.map(([name]) => name)), services),
    names: names.map((name) => explainName(name, scope)),
    addresses: explained,
  };
}

function leadsTo(name: string, resolution: ResolvedName[1], asked: Asked): boolean {
  if ('name' in asked) return name === asked.name;
  return !('failure' in resolution) && resolution.addresses.includes(formatAddress(asked.address));
}

/** The rules under which it was planned; undefined while it is still being planned. */
async function scopeOf(
  id: string,
  { resolved, listed }: { resolved: readonly ResolvedName[]; listed: AddressSet },
  { plans }: ExplainServices,
): Promise<Scope | undefined> {
  const kept = await plans.rulesIfKnown(id);
  if (kept === undefined) return undefined;
  const submitted = await inTurns(knownNames(resolved));
  const excluded = await inTurns(knownNames(kept.excluded));
  return inTurns(compileScopeInSteps(kept.rules, { submitted, excluded, listed }));
}

async function entriesFor(
  id: string,
  asked: Asked,
  names: ReadonlySet<string>,
  { plans, view }: ExplainServices,
): Promise<Explanation['entries']> {
  const networkAndBroadcast = await view.networkAndBroadcast(id);
  const covers = ({ text }: PlacedEntry): boolean => {
    const parsed = parseEntry(text, { allowSingleLabel: true });
    if (!parsed.ok) return false;
    if (parsed.entry.kind === 'name') return names.has(parsed.entry.name);
    if ('name' in asked) return false;
    const { address } = asked;
    return rangesOfEntry(parsed.entry, { networkAndBroadcast }).some(
      ({ start, end }) => typeof start === typeof address && start <= address && address < end,
    );
  };
  const reader = new PlacedReader();
  const entries: Explanation['entries'] = [];
  for await (const lines of plans.entries(id)) {
    for (const placed of reader.read(lines)) {
      if (entries.length === LISTED || !covers(placed)) continue;
      const { text, item, line, column } = placed;
      entries.push({ entry: text, item, line, column });
    }
    if (entries.length === LISTED) break;
  }
  return entries;
}

function explainName([name, resolution]: ResolvedName, scope: Scope | undefined): ExplainedName {
  const { chain } = resolution;
  const excluded = scope?.judgeName(name, knownName(resolution));
  if ('failure' in resolution) {
    const detail: RefusalDetail = { rule: 'dns', source: 'DNS', entry: resolution.failure };
    return { name, addresses: [], chain, refusal: { reason: 'unresolvable', detail } };
  }
  const { addresses, ttlS, atMs } = resolution;
  return {
    name,
    addresses,
    chain,
    looked_up_at: new Date(atMs).toISOString(),
    ttl_s: ttlS,
    ...(resolution.wildcard && { wildcard: true }),
    ...(excluded && { refusal: excluded }),
  };
}

async function explainAddress(
  id: string,
  address: Address,
  scope: Scope | undefined,
  services: ExplainServices,
): Promise<ExplainedAddress[]> {
  const { states, targets, workers } = services;
  const sending = await states.sending(id);
  const order = sending && (await states.order(sending));
  const index = order?.indexOf(address);
  const ip = formatAddress(address);
  if (sending && order && index !== undefined) {
    const [outcome] = await states.of(sending, order, [index]);
    if (outcome === undefined) return [];
    const { state, task_id } = outcome;
    const batches = order.batchesOf(index);
    const sentAt = task_id === null ? undefined : await targets.sentAt(id, batches);
    const dropped = state === 'dropped' ? await targets.dropped(id, batches, address) : undefined;
    const isOut = state === 'queued' || state === 'running';
    const running = isOut && task_id !== null ? await workers.runningTask(task_id) : undefined;
    return [
      {
        address: ip,
        state: running ? 'running' : state,
        task_id,
        ...(dropped && { refusal: dropped }),
        ...(sentAt && { sent_at: sentAt }),
        ...(running && { worker: running.worker, started_at: running.started_at }),
      },
    ];
  }
  const reason = await targets.refusalOf(id, address);
  if (reason === undefined) return [];
  const judged = scope?.judge(address);
  const detail = judged !== undefined && judged.reason === reason ? judged.detail : detailOf(reason);
  return [{ address: ip, state: 'refused', refusal: { reason, detail }, task_id: null }];
}

function detailOf(reason: RefusalReason): RefusalDetail {
  if (reason === 'already_in_scanledger') return { rule: 'ledger', source: 'ScanLedger', entry: '' };
  return { rule: 'queue', source: 'this project', entry: '' };
}
