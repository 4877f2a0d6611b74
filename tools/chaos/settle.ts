/** After the last kill: everything comes to its end, or is seen not to. */
import { setTimeout as delay } from 'node:timers/promises';
import { at } from '../attack/client.ts';
import { rabbitmqTraffic } from '../services/rabbitmq.ts';
import type { Caller } from './caller.ts';
import type { Finding } from './judge.ts';
import type { Scene } from './scene.ts';
import { submissionsOf } from './submissions.ts';
import { seconds } from './table.ts';

const LOOK_EVERY_MS = 1_000;
/** Nothing has changed for so long: nothing will. */
const STILL_MS = 120_000;
/** Something goes on changing and never ends. */
const MOST_MS = 300_000;
/** Looks in a row that find nothing: a task may be between RabbitMQ and a worker. */
const QUIET_LOOKS = 3;

/** What is to be gone in the end: what the workers share with Tasker, and what Tasker has still to do. */
const OF_WORKERS = /^(lock|project|user|task|running|running_tool):/;
const UNFINISHED =
  /^tasker:(project:[^:]+:(reservations|open|open-plans)|open|stops|ending-plans|paused|pauses|cancels|rules-to-apply)$/;

interface Rest {
  keys: string[];
  messages: number;
  /** What the status of all projects counts; undefined: it was not told. */
  active: number | undefined;
}

export interface Settled extends Rest {
  tookMs: number;
}

export async function settle(
  scene: Scene,
  caller: Caller,
  projects: readonly string[],
  tell: (line: string) => void,
): Promise<Settled> {
  const beganMs = Date.now();
  await resumeAll(caller, projects);
  let seen = '';
  let changedMs = Date.now();
  for (let quiet = 0; ; await delay(LOOK_EVERY_MS)) {
    const rest = await look(scene, caller, projects);
    await retryFailed(caller, projects);
    quiet = rest.keys.length + rest.messages === 0 && rest.active === 0 ? quiet + 1 : 0;
    const settled = { ...rest, tookMs: Date.now() - beganMs };
    if (quiet >= QUIET_LOOKS) return settled;
    const now = JSON.stringify(rest);
    if (now !== seen) changedMs = Date.now();
    seen = now;
    if (Date.now() - changedMs <= STILL_MS && settled.tookMs <= MOST_MS) continue;
    tell(`not at rest: nothing has changed for ${seconds(Date.now() - changedMs)}`);
    return settled;
  }
}

/** A user whose resume was not heard would leave something paused for ever. */
async function resumeAll(caller: Caller, projects: readonly string[]): Promise<void> {
  await caller.ask('POST', '/dispatch/resume');
  for (const project of projects) {
    await caller.ask('POST', `/tasks/${project}/resume`);
    for (const { id } of await submissionsOf(caller, project, 'state=paused&'))
      await caller.ask('POST', `/tasks/${project}/submissions/${id}/resume`);
  }
}

/** A task whose workers were killed three times is a dead letter. */
async function retryFailed(caller: Caller, projects: readonly string[]): Promise<void> {
  for (const project of projects)
    for (const { id, failed } of await submissionsOf(caller, project))
      if (failed > 0) await caller.ask('POST', `/tasks/${project}/submissions/${id}/retry-failed`);
}

async function look(scene: Scene, caller: Caller, projects: readonly string[]): Promise<Rest> {
  const all = await scene.redis.keys('*');
  const keys = all.filter((key) => OF_WORKERS.test(key) || UNFINISHED.test(key)).sort();
  const { messages } = await rabbitmqTraffic({ ...scene.rabbitmq, vhost: '/' });
  const states = await Promise.all(projects.map((project) => caller.look(`/tasks/${project}/status`)));
  const active = states.reduce<number | undefined>((sum, state) => {
    const [queued, running] = [at(state, 'active_or_queued'), at(state, 'running')];
    return sum === undefined || typeof queued !== 'number' || typeof running !== 'number'
      ? undefined
      : sum + queued + running;
  }, 0);
  return { keys, messages, active };
}

export function leftovers({ keys, messages, active }: Settled): Finding {
  const cases = [
    ...keys,
    ...(messages > 0 ? [`${messages} tasks in RabbitMQ`] : []),
    ...(active === 0 ? [] : [`the status counts ${active ?? 'nothing: it does not answer'}`]),
  ];
  return {
    check: 'locks, keys, entries, tasks left',
    cases,
    allowed: 0,
    of: 'all keys of Redis, the scan queue',
  };
}
