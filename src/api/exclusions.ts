import type { Exclusion } from '../adapters/exclusionStore.ts';
import { counts } from '../adapters/ruleBook.ts';
import { BusyError } from '../errors.ts';
import { RangeSum } from '../targets/rangeLimit.ts';
import { sumRangesInSteps } from '../targets/rules.ts';
import { inTurns } from '../turns.ts';
import { noRoom } from './answerRoom.ts';
import { apiError, invalid } from './apiErrors.ts';
import type { Problem, Problems } from './problems.ts';
import { readBody } from './requestBody.ts';
import type { Answer, ProjectCall, Services } from './route.ts';

const MOST_BYTES = 4 * 2 ** 20;
const PER_PIECE = 500;
/** How often a list is looked at again that somebody else changed meanwhile. */
const MOST_ATTEMPTS = 20;
const LIMIT = { bytes: MOST_BYTES, name: 'a list of exclusions' };

/** GET /tasks/{project_id}/exclusions */
export async function exclusions(
  call: ProjectCall,
  { flows, installationRules, answerRoom }: Services,
): Promise<Answer> {
  const { project } = call;
  if (!(await answerRoom.enter(call, await flows.exclusions.bytesKept(project)))) return noRoom();
  const { version, exclusions } = await flows.exclusions.all(project);
  const now = Date.now();
  const counting = [...exclusions.values()].filter((exclusion) => counts(exclusion, now));
  const { excluded } = installationRules.now();
  return { status: 200, stream: listed(counting, excluded, version) };
}

/** Piece by piece: there may be thousands. */
function* listed(
  exclusions: readonly Exclusion[],
  installation: readonly string[],
  version: string,
): Generator<string> {
  yield '{"exclusions":[';
  for (let start = 0; start < exclusions.length; start += PER_PIECE) {
    const piece = exclusions.slice(start, start + PER_PIECE).map((each) => JSON.stringify(each));
    yield `${start === 0 ? '' : ','}${piece.join(',')}`;
  }
  yield `],"installation":${JSON.stringify(installation)},"version":${Number(version)}}`;
}

/** POST /tasks/{project_id}/exclusions */
export async function addExclusions(call: ProjectCall, services: Services): Promise<Answer> {
  return write(call, services, 'added');
}

/** PUT /tasks/{project_id}/exclusions */
export async function replaceExclusions(call: ProjectCall, services: Services): Promise<Answer> {
  return write(call, services, 'replaced');
}

async function write(call: ProjectCall, services: Services, what: 'added' | 'replaced'): Promise<Answer> {
  const { project, caller, log } = call;
  const body = await readBody(call, services, LIMIT);
  if (!body.ok) return body.answer;
  const { allowSingleLabel, maxExclusions } = services.config;
  const read = await services.intake.readExclusions(body.bytes, caller.user, new Date(), {
    allowSingleLabel,
  });
  if (!read.ok) return refused(read.problems);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { all, add, replace } = services.flows.exclusions;
    const before = await all(project);
    const after = what === 'added' ? [...before.exclusions, ...read.value] : read.value;
    const tooMuch = await tooMuchOf(new Map(after), services.installationRules.now().ranges);
    if (tooMuch !== undefined) return invalid([tooMuch]);
    const done = await (what === 'added' ? add : replace)(project, read.value, before.version);
    if (done === 'changed') continue;
    if (done === 'full') {
      const todo = 'remove some, or write networks and *.domain in the place of many entries';
      return apiError(429, `a project has ${maxExclusions} exclusions at most (MAX_EXCLUSIONS): ${todo}`);
    }
    log.info({ [what]: read.value.size }, 'exclusions changed');
    return exclusions(call, services);
  }
  throw new BusyError('others change the exclusions of this project at the same time: try again');
}

/** What the project's list would be too much of; undefined: nothing. */
async function tooMuchOf(
  list: ReadonlyMap<string, Exclusion>,
  installationRanges: number,
): Promise<Problem | undefined> {
  const at = { loc: ['body', 'hosts'], input: null };
  const now = Date.now();
  const entries = [...list.values()].filter((exclusion) => counts(exclusion, now)).map(({ entry }) => entry);
  const msg = (await inTurns(sumRangesInSteps(entries, new RangeSum(installationRanges)))).problem();
  if (msg !== undefined) return { ...at, type: 'too_many_ranges', msg };
  let characters = 0;
  for (const { entry, why } of list.values()) characters += entry.length + why.length;
  if (characters <= MOST_BYTES) return undefined;
  const long = `the entries of the project and their reasons come to ${characters} characters; the limit is ${MOST_BYTES}`;
  return { ...at, type: 'too_long', msg: long };
}

/** DELETE /tasks/{project_id}/exclusions */
export async function removeExclusions(call: ProjectCall, services: Services): Promise<Answer> {
  const { flows, intake } = services;
  const body = await readBody(call, services, LIMIT);
  if (!body.ok) return body.answer;
  const read = await intake.readRemoved(body.bytes);
  if (!read.ok) return refused(read.problems);
  const gone = new Set(await flows.exclusions.remove(call.project, [...read.value.keys()]));
  call.log.info({ removed: gone.size }, 'exclusions changed');
  const typed = [...read.value];
  return {
    status: 200,
    body: {
      removed: typed.filter(([normal]) => gone.has(normal)).map(([, entry]) => entry),
      not_found: typed.filter(([normal]) => !gone.has(normal)).map(([, entry]) => entry),
    },
  };
}

function refused(problems: Pick<Problems, 'listed' | 'total'>): Answer {
  return invalid(problems.listed, problems.total);
}
