import { listedOf, shortText } from '../../adapters/audit/entry.ts';
import { counts, type Exclusion } from '../../adapters/scopeRules/exclusion.ts';
import type { ListedExclusions } from '../../adapters/scopeRules/exclusionStore.ts';
import { BusyError } from '../../runtime/errors.ts';
import { sumRanges } from '../../targets/scope/rules.ts';
import { RangeSum } from '../../targets/sets/rangeLimit.ts';
import { auditNote } from '../audit/note.ts';
import { readBody } from '../body/requestBody.ts';
import { apiError, invalid, plainError } from '../http/httpErrors.ts';
import { inPages, jsonStream } from '../http/jsonStream.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import type { ValidationError } from '../http/validationErrors.ts';
import { READ_EXCLUSIONS, READ_REMOVED, readList } from '../intake/bodyReader.ts';
import { lockedAgainst, lockedAnswer, withLocked } from './lockedExclusions.ts';
import { appliedBody, newReceipt, withId } from './receipt.ts';

const MOST_BYTES = 4 * 2 ** 20;
/** How often a list is looked at again that somebody else changed meanwhile. */
const MOST_ATTEMPTS = 20;
const LIMIT = { bytes: MOST_BYTES, name: 'a list of exclusions' };

/** GET /tasks/{project_id}/exclusions */
export async function exclusions(
  context: ProjectContext,
  { flows, installationRules, answerRoom, config }: Services,
  receipt?: object,
): Promise<HttpResponse> {
  const { project, caller } = context;
  if (!(await answerRoom.enter(context, await flows.exclusions.bytesKept(project))))
    return plainError('answer_room_full');
  const { version, exclusions, nowMs } = await flows.exclusions.all(project);
  const counting = [...exclusions.values()].filter((exclusion) => counts(exclusion, nowMs));
  const { exclusions: excluded } = installationRules.now().part;
  const installation = caller.admin || config.showInstallationRules ? excluded : undefined;
  return { status: 200, stream: listed(counting, installation, version, receipt) };
}

/** Piece by piece: there may be thousands. */
async function* listed(
  exclusions: readonly Exclusion[],
  installation: readonly string[] | undefined,
  version: string,
  receipt: object | undefined,
): AsyncGenerator<string> {
  yield '{"exclusions":[';
  yield* jsonStream(inPages(exclusions), JSON.stringify, Number.POSITIVE_INFINITY);
  const [shown, hidden] = [JSON.stringify(installation ?? []), installation === undefined];
  yield `],"installation":${shown},"installation_hidden":${hidden},"version":${Number(version)}`;
  yield receipt === undefined ? '}' : `,"receipt":${JSON.stringify(receipt)}}`;
}

/** POST /tasks/{project_id}/exclusions */
export const addExclusions = (context: ProjectContext, services: Services) =>
  write(context, services, 'added');

/** PUT /tasks/{project_id}/exclusions */
export const replaceExclusions = (context: ProjectContext, services: Services) =>
  write(context, services, 'replaced');

async function write(
  context: ProjectContext,
  services: Services,
  what: 'added' | 'replaced',
): Promise<HttpResponse> {
  const { caller, project, log } = context;
  const body = await readBody(context, services, LIMIT);
  if (!body.ok) return body.answer;
  const { allowSingleLabel, maxExclusions } = services.config;
  const by = { ...caller.user, admin: caller.admin };
  const read = await readList(services.compute, READ_EXCLUSIONS, body.bytes, by, new Date(), {
    allowSingleLabel,
  });
  if (!read.ok) return invalid(read.errors.listed, read.errors.total);
  const put = read.value;
  return onList(context, services, async (kept) => {
    const { exclusions: list, version, nowMs } = kept;
    const locked = lockedAgainst(caller, kept, { put, ended: () => what === 'replaced' });
    if (locked.length > 0) return lockedOut(locked, context, services);
    const { add, replace } = services.flows.exclusions;
    const receipt = put.size === 0 ? undefined : newReceipt(context, put);
    const written = withLocked(caller, kept, withId(put, receipt));
    const after = what === 'added' ? new Map([...list, ...written]) : written;
    const tooMuch = tooMuchOf(after, nowMs, services.installationRules.now().ranges);
    if (tooMuch !== undefined) return invalid([tooMuch]);
    const before = [...list].filter(([normal]) => put.has(normal) === (what === 'added'));
    const change = { before: briefly(before), after: briefly(put) };
    const note = auditNote(context, services, `exclusions.${what}`, change);
    const done = await (what === 'added' ? add : replace)(project, written, version, note, receipt);
    if (done === 'changed') return undefined;
    if (done === 'full') {
      const most = `a project has ${maxExclusions} exclusions at most (MAX_EXCLUSIONS)`;
      const todo = 'remove some, or write networks and *.domain in the place of many entries';
      return apiError('too_many_exclusions', `${most}: ${todo}`);
    }
    log.info({ [what]: put.size }, 'exclusions changed');
    if (receipt === undefined) return exclusions(context, services);
    const applied = await services.flows.applyNow(receipt);
    const answer = await exclusions(context, services, appliedBody(receipt, applied));
    return answer.status === 200 && !applied.complete ? { ...answer, status: 202 } : answer;
  });
}

/** What the project's list would be too much of; undefined: nothing. */
function tooMuchOf(
  list: ReadonlyMap<string, Exclusion>,
  nowMs: number,
  installationRanges: number,
): ValidationError | undefined {
  const at = { loc: ['body', 'hosts'], input: null };
  const entries = [...list.values()]
    .filter((exclusion) => counts(exclusion, nowMs))
    .map(({ entry }) => entry);
  const msg = sumRanges(entries, new RangeSum(installationRanges)).problem();
  if (msg !== undefined) return { ...at, type: 'too_many_ranges', msg };
  let characters = 0;
  for (const { entry, why } of list.values()) characters += entry.length + why.length;
  if (characters <= MOST_BYTES) return undefined;
  const long = `the entries of the project and their reasons come to ${characters} characters; the limit is ${MOST_BYTES}`;
  return { ...at, type: 'too_long', msg: long };
}

/** DELETE /tasks/{project_id}/exclusions */
export async function removeExclusions(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { caller, project, log } = context;
  const body = await readBody(context, services, LIMIT);
  if (!body.ok) return body.answer;
  const read = await readList(services.compute, READ_REMOVED, body.bytes);
  if (!read.ok) return invalid(read.errors.listed, read.errors.total);
  return onList(context, services, async (kept) => {
    const { exclusions: list, version } = kept;
    const locked = lockedAgainst(caller, kept, { put: new Map(), ended: (normal) => read.value.has(normal) });
    if (locked.length > 0) return lockedOut(locked, context, services);
    const before = briefly([...list].filter(([normal]) => read.value.has(normal)));
    const note = auditNote(context, services, 'exclusions.removed', { before });
    const removed = await services.flows.exclusions.remove(project, [...read.value.keys()], version, note);
    if (removed === 'changed') return undefined;
    const gone = new Set(removed);
    log.info({ removed: gone.size }, 'exclusions changed');
    const typed = (isGone: boolean) =>
      [...read.value].filter(([normal]) => gone.has(normal) === isGone).map(([, entry]) => entry);
    return { status: 200, body: { removed: typed(true), not_found: typed(false) } };
  });
}

/** Decides on the list as it is, and again where somebody else has changed it before the decision was written. */
async function onList(
  { project }: ProjectContext,
  { flows }: Services,
  change: (kept: ListedExclusions) => Promise<HttpResponse | undefined>,
): Promise<HttpResponse> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const answer = await change(await flows.exclusions.all(project));
    if (answer !== undefined) return answer;
  }
  throw new BusyError('others change the exclusions of this project at the same time: try again');
}

async function lockedOut(
  locked: readonly Exclusion[],
  context: ProjectContext,
  services: Services,
): Promise<HttpResponse> {
  const on = briefly(locked.map((exclusion) => ['', exclusion]));
  await services.flows.audit.note(auditNote(context, services, 'exclusions.refused', { on }));
  return lockedAnswer(locked);
}

/** For the audit trail: how many, and the first of them. */
function briefly(list: Iterable<readonly [string, Exclusion]>) {
  return listedOf(list, ([, { entry, by, why, until, locked }]) => {
    const kept = { entry: shortText(entry), by: by.username, why: shortText(why), until };
    return { ...kept, ...(locked && { locked }) };
  });
}
