import type { Stores } from '../../adapters/redis/stores.ts';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import type { SubmissionState } from '../../model/submission.ts';
import { newestFirst, type ScanPlace } from './newestFirst.ts';
import { type ScanRow, scanRow } from './scanRow.ts';
import type { AtWork } from './workersAtWork.ts';

export interface ScanQuery {
  /** Of these projects. */
  projects: readonly string[];
  /** The last one of the page before. */
  after?: SubmissionPlace;
  limit: number;
  state?: SubmissionState;
  /** Id or name. */
  user?: string;
  /** In the id, or at the beginning of the entries. */
  text?: string;
}

export interface ScanPage {
  scans: ScanRow[];
  /** The next page comes behind this one; undefined: there is none. */
  next: SubmissionPlace | undefined;
}

export interface ScanServices extends Pick<Stores, 'index' | 'view' | 'scanNumbers'> {
  atWork(): Promise<AtWork>;
}

/** Scans that are read together. */
const CHUNK = 50;
/** Scans that one page looks at before it ends, also with nothing found. */
const MOST_LOOKED_AT = 1_000;
/** What is read of the entries to be shown, and to be searched. */
const SHOWN_BYTES = 512;
const SEARCHED_BYTES = 16 * 1_024;

/** The scans of several projects, newest first. */
export async function listScans(query: ScanQuery, services: ScanServices): Promise<ScanPage> {
  const scans: ScanRow[] = [];
  let last = query.after;
  let looked = 0;
  for await (const places of chunks(newestFirst(query.projects, query.after, services.index))) {
    const rows = await rowsAt(places, query, services);
    for (const place of places) {
      const row = rows.get(place.id);
      // Only one that is there makes a next page.
      if (row && scans.length === query.limit) return { scans, next: last };
      if (row) scans.push(row);
      last = place;
    }
    looked += places.length;
    if (looked >= MOST_LOOKED_AT) return { scans, next: last };
  }
  return { scans, next: undefined };
}

/** By id; those of which nothing is kept are missing. */
export async function scanRows(
  ids: readonly string[],
  { view, scanNumbers, atWork }: Omit<ScanServices, 'index'>,
  entryBytes = SHOWN_BYTES,
): Promise<Map<string, ScanRow & { searched: string }>> {
  const [known, numbers, { running }] = await Promise.all([
    view.progressOfAll(ids),
    scanNumbers.read(ids, entryBytes),
    atWork(),
  ]);
  const rows = new Map<string, ScanRow & { searched: string }>();
  for (const [id, progress] of known) {
    const of = numbers.get(id);
    if (of === undefined || progress.kind !== 'scan') continue;
    rows.set(id, { ...scanRow(progress, of, running.get(id) ?? 0, Date.now()), searched: of.entries });
  }
  return rows;
}

async function rowsAt(
  places: readonly ScanPlace[],
  { state, user, text }: ScanQuery,
  services: ScanServices,
): Promise<Map<string, ScanRow>> {
  const wanted = text?.toLowerCase();
  const ids = places.map(({ id }) => id);
  const known = await scanRows(ids, services, wanted === undefined ? SHOWN_BYTES : SEARCHED_BYTES);
  await forgetGone(places, known, services.index);
  const rows = new Map<string, ScanRow>();
  for (const [id, { searched, ...row }] of known) {
    const fits =
      (state === undefined || row.state === state) &&
      (user === undefined || row.user.id === user || row.user.username === user) &&
      (wanted === undefined || `${id}\n${searched}`.toLowerCase().includes(wanted));
    if (fits) rows.set(id, row);
  }
  return rows;
}

async function forgetGone(
  places: readonly ScanPlace[],
  known: ReadonlyMap<string, unknown>,
  index: ScanServices['index'],
): Promise<void> {
  const gone = new Map<string, string[]>();
  for (const { id, project } of places)
    if (!known.has(id)) gone.set(project, [...(gone.get(project) ?? []), id]);
  for (const [project, ids] of gone) await index.forgetGone(project, ids);
}

async function* chunks(places: AsyncIterable<ScanPlace>): AsyncGenerator<ScanPlace[]> {
  let chunk: ScanPlace[] = [];
  for await (const place of places) {
    chunk.push(place);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
