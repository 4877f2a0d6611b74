import type { AuditNote } from '../../adapters/audit/entry.ts';
import type { Cancel } from '../../adapters/submissions/cancelStore.ts';
import type { RefusedFor } from '../../adapters/submissions/endScripts.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';
import { notYet } from '../takeBack/takeBack.ts';
import { REMOVE_DEADLINE_MS, REMOVE_IN_CHORE_MS, removeFlow } from './removeFlow.ts';
import { type Withdrawn, withdraw } from './withdraw.ts';

export interface Cancelled extends Withdrawn {
  /** Targets that were not sent. */
  waiting: number;
  /** Nothing of it is in RabbitMQ any more. */
  complete: boolean;
}

/** Takes one scan back, for good. While RabbitMQ is away, or a job of it is still at work, that follows later. */
export async function cancel(
  asked: Cancel,
  services: FlowServices,
  note?: AuditNote,
): Promise<Cancelled | RefusedFor> {
  const waiting = await services.cancels.begin(asked, note);
  if (typeof waiting === 'string') return waiting;
  const taken = await finish(asked, services, REMOVE_DEADLINE_MS).catch(notYet);
  services.log.info(
    { submission: asked.id, project: asked.project, waiting, ...taken },
    'submission cancelled',
  );
  return { waiting, ...taken };
}

/** Ends what was cancelled while RabbitMQ was away, or by a process that died. Run now and then. */
export async function finishCancels(services: FlowServices): Promise<void> {
  const { cancels, broker, log } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  for (const open of await cancels.open()) {
    try {
      const taken = await finish(open, services, REMOVE_IN_CHORE_MS);
      log.info({ submission: open.id, ...taken }, 'what was cancelled is taken back');
    } catch (error) {
      log.debug({ submission: open.id, err: messageOf(error) }, 'not taken back yet');
    }
  }
}

/** As of a stop: when no job is at work any more, what is in the queue is all there will ever be. */
async function finish({ id, project, running }: Cancel, services: FlowServices, removeMs: number) {
  const { submissions, cancels, queues } = services;
  await removeFlow(queues, id, removeMs);
  const taken = await withdraw(project, services, { submission: id, running });
  await submissions.finish(id, project);
  await cancels.ended(id);
  return { ...taken, complete: true };
}
