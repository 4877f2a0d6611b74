/** A user of one project, who does one thing after the other until told to end. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { at, scanBody, textAt } from '../attack/client.ts';
import type { Accepted, Ban, Book } from './book.ts';
import type { Answer, Caller } from './caller.ts';
import { someHosts } from './hosts.ts';
import { type Random, randomOf } from './random.ts';

/** One that takes nothing back: all that it has scanned has to run. */
const STEADY_ACTIONS = { scan: 40, planAndRun: 10, pauseScan: 8, pauseProject: 4, changePriority: 5 };
const ACTIONS = {
  scan: 40,
  planAndRun: 10,
  exclude: 12,
  cancel: 7,
  pauseScan: 8,
  pauseProject: 4,
  pauseAll: 1,
  changePriority: 5,
  stop: 2,
};
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1_200;
const SHORTEST_HOLD_MS = 500;
const LONGEST_HOLD_MS = 5_000;
/**
 * Tasks of one project: the run has to come to its end soon after its last kill. Less of those who take back, so that
 * most of all that is accepted has to run.
 */
const MOST_WAITING = 60;
const MOST_WAITING_STEADY = 90;
/** Actions are about one of the last scans: the others have most likely ended. */
const LATEST = 3;
const MOST_EXCLUDED = 3;

export interface UserOptions {
  number: number;
  /** Takes nothing back. */
  steady: boolean;
  seed: number;
  caller: Caller;
  book: Book;
  /** Gives a port that no other request has. */
  ownPort: () => string;
}

export interface User {
  project: string;
  /** Acts until the signal comes, and ends what it is at. */
  live(signal: AbortSignal): Promise<void>;
}

export function createUser(options: UserOptions): User {
  const project = randomUUID();
  const random = randomOf(options.seed, `user ${options.number}`);
  const actions = actionsOf({ ...options, project, random, base: `/tasks/${project}` });
  return {
    project,
    async live(signal) {
      while (!signal.aborted) {
        const name = options.steady ? random.weighted(STEADY_ACTIONS) : random.weighted(ACTIONS);
        await actions[name]();
        options.book.actions.set(name, (options.book.actions.get(name) ?? 0) + 1);
        await delay(random.between(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS));
      }
    },
  };
}

interface Context extends UserOptions {
  project: string;
  random: Random;
  /** The path of the project. */
  base: string;
}

function actionsOf(context: Context): Record<keyof typeof ACTIONS, () => Promise<void>> {
  const { base, random, caller } = context;
  const pauseAt = (path: string) => pauseAndResume(context, path);
  return {
    scan: () => scan(context, false),
    planAndRun: () => scan(context, true),
    exclude: () => exclude(context),
    cancel: () => cancel(context),
    pauseScan: () => withScan(context, ({ submission }) => pauseAt(`${base}/submissions/${submission}`)),
    pauseProject: () => pauseAt(base),
    pauseAll: () => pauseAt('/dispatch'),
    changePriority: () =>
      withScan(context, async ({ submission }) => {
        await caller.ask('PATCH', `${base}/submissions/${submission}`, { priority: random.between(1, 5) });
      }),
    stop: async () => {
      await ban(context, { kind: 'stopped' }, () => caller.ask('GET', `${base}/stop-nmap`));
    },
  };
}

async function scan(context: Context, planned: boolean): Promise<void> {
  const { random, caller, book, project, base, number } = context;
  const hosts = someHosts(random, number);
  const mode = random.pick(['append', 'append', 'insert', 'update']);
  const ports = context.ownPort();
  const waiting = at(await caller.look(`${base}/status`), 'active_or_queued');
  const most = context.steady ? MOST_WAITING_STEADY : MOST_WAITING;
  if (typeof waiting !== 'number' || waiting > most) return;
  let body = scanBody(hosts, { mode, open_ports_opts: { ports: [ports] } });
  if (planned) {
    const { answer } = await caller.ask('POST', `${base}/plan`, body);
    const plan = textAt(answer?.body, 'plan', 'id');
    if (plan === '') return;
    body = { plan };
  }
  const request = { project, ports, askedAtMs: Date.now() };
  book.requests.push(request);
  const { answer } = await caller.ask('POST', `${base}/run-nmap`, body);
  const submission = textAt(answer?.body, 'submission', 'id');
  if (!isGood(answer) || submission === '') return;
  if (book.accepted.some((other) => other.submission === submission)) return;
  book.accepted.push({ ...request, submission, ips: acceptedIn(answer) });
}

/** undefined: they were not known yet, or not all are listed. */
function acceptedIn({ status, body }: Answer): string[] | undefined {
  if (status !== 200 || at(body, 'truncated') === true) return undefined;
  const prepared = at(body, 'prepared_targets') ?? {};
  return Object.entries(prepared)
    .filter(([, target]) => at(target, 'valid') === true)
    .map(([ip]) => ip);
}

function isGood(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status < 300;
}

/** With one of the last scans of the user; nothing when there is none. */
async function withScan(context: Context, act: (scan: Accepted) => Promise<void>): Promise<void> {
  const own = context.book.accepted.filter(({ project }) => project === context.project);
  const chosen = context.random.pick(own.slice(-LATEST));
  if (chosen !== undefined) await act(chosen);
}

async function exclude(context: Context): Promise<void> {
  const { random, caller, base } = context;
  await withScan(context, async ({ ips = [] }) => {
    const count = Math.min(ips.length, random.between(1, MOST_EXCLUDED));
    const hosts = Array.from({ length: count }, () => random.pick(ips) ?? '');
    if (hosts.length === 0) return;
    const body = { hosts, why: 'chaos' };
    await ban(context, { kind: 'excluded', ips: hosts }, () =>
      caller.ask('POST', `${base}/exclusions`, body),
    );
  });
}

async function cancel(context: Context): Promise<void> {
  const { random, caller, base } = context;
  await withScan(context, async ({ submission }) => {
    const body = { running: random.pick(['finish', 'kill']) };
    const path = `${base}/submissions/${submission}/cancel`;
    await ban(context, { kind: 'cancelled', submission }, () => caller.ask('POST', path, body));
  });
}

/** Notes it before it is asked for: a run that ends meanwhile must know that it may hold. */
async function ban(
  { book, project }: Context,
  what: Pick<Ban, 'kind' | 'ips' | 'submission'>,
  ask: () => ReturnType<Caller['ask']>,
): Promise<void> {
  const noted: Ban = { ...what, project, askedAtMs: Date.now(), answeredAtMs: undefined };
  book.bans.push(noted);
  const { answer, answeredAtMs, again } = await ask();
  if (isGood(answer)) Object.assign(noted, { answeredAtMs, follows: answer.status === 202 });
  // Refused: it does not hold, unless an earlier try was heard.
  else if (answer !== undefined && !again) book.bans.splice(book.bans.indexOf(noted), 1);
}

async function pauseAndResume({ random, caller }: Context, path: string): Promise<void> {
  const body = { running: random.pick(['finish', 'kill']), why: 'chaos' };
  const holdMs = random.between(SHORTEST_HOLD_MS, LONGEST_HOLD_MS);
  const { answer, again } = await caller.ask('POST', `${path}/pause`, body);
  // It has ended, and an earlier try was not heard either.
  if (!isGood(answer) && !again) return;
  await delay(holdMs);
  await caller.ask('POST', `${path}/resume`);
}
