/** Why names and addresses of a submission were scanned, or were not. */

import type { DispatchState } from '../../adapters/dispatch/targetStore.ts';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { RefusalDetail, RefusalReason } from '../../model/refusal.ts';
import type { Unanswered } from '../../model/resolution.ts';
import type { ResolvedName } from '../../model/submission.ts';
import { type Address, formatAddress } from '../../targets/address/address.ts';
import { knownName } from '../../targets/mergeNames.ts';
import type { Scope } from '../../targets/scope/scope.ts';
import { has } from '../../targets/sets/addressSet.ts';
import type { PlanServices } from '../planDetails.ts';
import type { TargetOutcome, TargetState } from '../targetOutcome.ts';
import type { Place } from '../targetPlace.ts';
import type { TargetStates } from '../targetStates.ts';
import type { Refused } from './decisions.ts';

/** Where the answers of explain come from. */
export interface ExplainServices extends Stores, Pick<PlanServices, 'compute' | 'signal'> {
  states: TargetStates;
}

export interface ExplainedName {
  name: string;
  addresses: string[];
  /** CNAME targets in order. */
  chain: string[];
  /** ISO 8601. */
  looked_up_at?: string;
  ttl_s?: number;
  /** The family that DNS did not tell, and why. */
  unanswered?: Unanswered;
  /** Its domain answers for every name below it. */
  wildcard?: true;
  /** Why it has no address. */
  refusal?: { reason: RefusalReason; detail: RefusalDetail };
}

export interface ExplainedAddress {
  address: string;
  state: TargetState;
  /** Of a refused or dropped one, and of one that waits and will be dropped. */
  refusal?: { reason: RefusalReason; detail: RefusalDetail };
  /** Of one that was sent: the task, or the first of its parts. */
  task_id: string | null;
  /** ISO 8601. */
  sent_at?: string;
  /** The planned address in whose place it is: a name led there, and leads here by now. */
  moved_from?: string;
  /** Of a failed one. */
  starts?: TargetOutcome['starts'];
  /** Who scans it now, and since when by that worker's word. */
  worker?: string;
  started_at?: number;
}

export function explainName([name, resolution]: ResolvedName, scope: Scope | undefined): ExplainedName {
  const { chain } = resolution;
  const excluded = scope?.judgeName(name, knownName(resolution));
  if ('failure' in resolution) {
    const detail: RefusalDetail = { rule: 'dns', source: 'DNS', entry: resolution.failure };
    return { name, addresses: [], chain, refusal: { reason: 'unresolvable', detail } };
  }
  const { addresses, ttlS, atMs, unanswered } = resolution;
  return {
    name,
    addresses,
    chain,
    looked_up_at: new Date(atMs).toISOString(),
    ttl_s: ttlS,
    ...(unanswered && { unanswered }),
    ...(resolution.wildcard && { wildcard: true }),
    ...(excluded && { refusal: excluded }),
  };
}

/** What the submission decided by. */
export interface Decided {
  /** The rules that it was planned under; undefined: not kept. */
  scope: Scope | undefined;
  /** What was taken out later; undefined: nothing. */
  later: Scope | undefined;
  refused: Refused;
}

/** It waits for its turn, and is left out then. */
function willBeDropped(state: TargetState, address: Address, later: Scope | undefined) {
  const refusal = state === 'waiting' ? later?.judge(address) : undefined;
  return refusal?.reason === 'forbidden' ? refusal : undefined;
}

/** Of those that the submission has decided about, in their order. */
export async function explainAddresses(
  sending: DispatchState,
  addresses: readonly Address[],
  decided: Decided,
  services: ExplainServices,
): Promise<ExplainedAddress[]> {
  const { states } = services;
  const order = await states.order(sending);
  const places = order ? await states.places(sending, order, addresses) : [];
  const accepted = places.filter(({ parts }) => parts.length > 0);
  const outcomes = accepted.length === 0 ? [] : await states.outcomes(sending, accepted);
  const explained = await Promise.all(
    outcomes.map((outcome, index) => {
      const place = accepted[index] as Place;
      return explainAccepted(sending.id, place, outcome, decided, services);
    }),
  );
  const byAddress = new Map(explained.map((each) => [each.address, each]));
  return addresses.flatMap(
    (address) => byAddress.get(formatAddress(address)) ?? explainRefused(address, decided) ?? [],
  );
}

async function explainAccepted(
  id: string,
  { address, parts }: Place,
  { target, state, task_id, moved_from, starts }: TargetOutcome,
  { later }: Decided,
  { targetStore, workers }: ExplainServices,
): Promise<ExplainedAddress> {
  const batches = parts.map(({ batch }) => batch);
  const sentAt = task_id === null ? undefined : await targetStore.sentAt(id, batches);
  const dropped =
    state === 'dropped'
      ? await targetStore.dropped(id, batches, address)
      : willBeDropped(state, address, later);
  const isOut = state === 'queued' || state === 'running';
  const running = isOut && task_id !== null ? await workers.runningTask(task_id) : undefined;
  return {
    address: target,
    state: running ? 'running' : state,
    task_id,
    ...(dropped && { refusal: dropped }),
    ...(sentAt && { sent_at: sentAt }),
    ...(starts && { starts }),
    ...(moved_from !== undefined && { moved_from }),
    ...(running && { worker: running.worker, started_at: running.started_at }),
  };
}

/** undefined: no rule refused it. */
function explainRefused(address: Address, { scope, refused }: Decided): ExplainedAddress | undefined {
  const reason = [...refused].find(([, set]) => has(set, address))?.[0];
  if (reason === undefined) return undefined;
  const judged = scope?.judge(address);
  const detail = judged !== undefined && judged.reason === reason ? judged.detail : detailOf(reason);
  return { address: formatAddress(address), state: 'refused', refusal: { reason, detail }, task_id: null };
}

function detailOf(reason: RefusalReason): RefusalDetail {
  if (reason === 'already_in_scanledger') return { rule: 'ledger', source: 'ScanLedger', entry: '' };
  return { rule: 'queue', source: 'this project', entry: '' };
}
