import { setTimeout as delay } from 'node:timers/promises';
import type { AuditNote } from '../../adapters/audit/entry.ts';
import type { OpenPause, Pause, PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import type { RefusedFor } from '../../adapters/submissions/endScripts.ts';
import type { FlowServices } from '../flowServices.ts';
import type { AgainServices } from './sendAgain.ts';
import { endInHand, notYet, openIn, takeBack, tasksInHand } from './takeBack.ts';
import { wake } from './wake.ts';

interface Taken {
  /** Tasks that were ready in RabbitMQ, and wait in Tasker again. */
  ready: number;
  /** Tasks that workers have in hand; with `kill` they are told to end them, and these wait again too. */
  running: number;
  /** Nothing of it can be in RabbitMQ any more. */
  complete: boolean;
}

/** Until one that saw the pause in its last moment is set aside. */
const WAKE_AGAIN_MS = 200;

export interface Paused extends Taken {
  pause: Pause;
}

/**
 * Pauses a submission, a project or everything: nothing more of it is sent, and what is ready in RabbitMQ comes back at
 * once. While RabbitMQ is away that follows later, by {@link finishPauses}.
 */
export async function pause(
  scope: PauseScope,
  { running, ...by }: Pause & Pick<OpenPause, 'running'>,
  services: FlowServices,
  note?: AuditNote,
): Promise<Paused | RefusedFor> {
  const done = await services.pauses.pause(scope, by, running, note);
  if (done !== 'done') return done;
  const taken = await finish({ scope, running }, services).catch(notYet);
  services.log.info({ ...scope, ...taken }, 'paused');
  return { ...taken, pause: (await services.pauses.find(scope)) ?? by };
}

/** Takes back what was paused while RabbitMQ was away, or by a process that died. Run now and then. */
export async function finishPauses(services: FlowServices): Promise<void> {
  const { pauses, broker, log } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  for (const open of await pauses.open()) {
    const taken = await finish(open, services);
    log.info({ ...open.scope, ...taken }, 'what is paused was taken back');
  }
}

async function finish({ scope, running }: OpenPause, services: FlowServices): Promise<Taken> {
  const { ready, complete } = await takeBack(scope, services);
  const inHand = await tasksInHand(scope, services);
  if (running === 'kill') await endInHand(inHand, services);
  if (complete) await services.pauses.takenBack(scope);
  return { ready, running: inHand.length, complete };
}

/** Goes on with a submission, a project or everything; what another pause holds goes on waiting. */
export async function resumePaused(
  scope: PauseScope,
  services: AgainServices,
  note?: AuditNote,
): Promise<'done' | RefusedFor> {
  const done = await services.pauses.resume(scope, note);
  if (done !== 'done') return done;
  const ids = await openIn(scope, services);
  for (const id of ids) await wake(id, services);
  // Should that take longer, it comes back by itself.
  await delay(WAKE_AGAIN_MS);
  for (const id of ids) await wake(id, services);
  services.log.info({ ...scope, submissions: ids.length }, 'resumed');
  return done;
}
