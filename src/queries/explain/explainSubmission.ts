/** What one submission had to do with what is asked about. */
import type { SubmissionState, User } from '../../model/submission.ts';
import { entryMeets, KEPT, parseEntry } from '../../targets/entries/entry.ts';
import { type PlacedEntry, PlacedReader } from '../../targets/entries/placedEntries.ts';
import { decodeResolved } from '../../targets/resolutionCodec.ts';
import { laterScope, plannedScope } from '../planDetails.ts';
import { aboutName, aboutRange } from './about.ts';
import type { Asked } from './asked.ts';
import type { NetworkDecisions } from './decisions.ts';
import {
  type ExplainedAddress,
  type ExplainedName,
  type ExplainServices,
  explainAddresses,
  explainName,
} from './explainTargets.ts';

/** Entries that are listed of one submission. */
const LISTED = 50;

export interface Explanation {
  submission: { id: string; state: SubmissionState; created_at: string; user: User };
  /** The entries that led to it; line and column from 1, item from 0. */
  entries: { entry: string; item: number; line: number; column: number }[];
  /** The names that led to it, or the name itself. */
  names: ExplainedName[];
  /** The address, the first ones of the network, or those of the name. */
  addresses: ExplainedAddress[];
  /** Of a network: what was decided about all of its addresses. */
  network?: NetworkDecisions;
}

/** Without an explanation: the submission had nothing to do with it, or nothing is kept of it. */
export async function explainSubmission(
  id: string,
  asked: Asked,
  services: ExplainServices,
): Promise<{ explanation?: Explanation; size: number }> {
  const { view, states, plans, signal } = services;
  const progress = await view.progress(id);
  const sending = await states.dispatchState(id);
  if (progress === undefined || sending === undefined) return { size: 0 };
  const found = await plans.found(id, signal);
  const resolved = found.resolved.flatMap(decodeResolved);
  const size = progress.summary.provided + resolved.length;
  const sources = { sending, found, resolved };
  const about = await ('range' in asked
    ? aboutRange(asked.range, sources, services)
    : aboutName(asked.name, sources, services));
  if (about === undefined) return { size };
  const scope = await plannedScope(id, found, services);
  const later = await laterScope(id, found, services);
  signal?.throwIfAborted();
  const { names, addresses, refused, network } = about;
  const { state, createdAt, user } = progress;
  const explanation = {
    submission: { id, state, created_at: createdAt, user },
    entries: await entriesFor(id, asked, new Set(names.map(([name]) => name)), services),
    names: names.map((name) => explainName(name, scope)),
    addresses: await explainAddresses(sending, addresses, { scope, later, refused }, services),
    ...(network && { network }),
  };
  return { explanation, size };
}

async function entriesFor(
  id: string,
  asked: Asked,
  names: ReadonlySet<string>,
  { plans, view, signal }: ExplainServices,
): Promise<Explanation['entries']> {
  const networkAndBroadcast = await view.networkAndBroadcast(id);
  const leadsToIt = ({ text }: PlacedEntry): boolean => {
    const parsed = parseEntry(text, KEPT);
    if (!parsed.ok) return false;
    if (parsed.entry.kind === 'name') return names.has(parsed.entry.name);
    return 'range' in asked && entryMeets(parsed.entry, asked.range, { networkAndBroadcast });
  };
  const reader = new PlacedReader();
  const entries: Explanation['entries'] = [];
  for await (const lines of plans.entries(id)) {
    signal?.throwIfAborted();
    for (const placed of reader.read(lines)) {
      if (!leadsToIt(placed)) continue;
      const { text, item, line, column } = placed;
      if (entries.push({ entry: text, item, line, column }) === LISTED) return entries;
    }
  }
  return entries;
}
