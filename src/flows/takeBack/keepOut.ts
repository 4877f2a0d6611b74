import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import type { ScopeCache } from '../../jobs/publish/scopeCache.ts';
import { messageOf } from '../../runtime/errors.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { type AgainServices, addAgain } from './sendAgain.ts';
import { endInHand, takeBack, tasksInHand } from './takeBack.ts';

interface KeepOutServices extends AgainServices {
  scopeCache: ScopeCache;
  /** Of the rules of the installation as they are now. */
  installationHash(): string;
}

/**
 * Applies new exclusions to what is out: what is ready comes back, and is looked at again before it is sent; what runs and
 * is excluded by now is ended. Run every second; costs nothing when no rule has changed.
 */
export async function keepOut(services: KeepOutServices): Promise<void> {
  const { exclusions, recalls, broker, log } = services;
  await exclusions.installationIs(services.installationHash());
  if (!broker.connected || broker.blocked !== undefined) return;
  for (const { project, version } of await exclusions.toApply()) {
    const scope = project === undefined ? {} : { project };
    const { ready, complete, submissions } = await takeBack(scope, services);
    const refused = await refusedOf(await tasksInHand(scope, services), services);
    // Before anything forgets them: RabbitMQ may give one to another worker, when its own one vanishes.
    const ids = refused.map(({ id }) => id);
    await recalls.remember(ids, new Set());
    await endInHand(refused, services);
    const affected = new Set([...submissions, ...refused.flatMap(({ submission }) => submission ?? [])]);
    for (const id of affected) await addAgain(id, services);
    if (complete) await exclusions.applied(project, version);
    log.info(
      { project, ready, ended: refused.map(({ id, ip }) => ({ task: id, ip })), complete },
      'new rules are applied to the tasks that were out',
    );
  }
}

/** Those that must not be scanned by now. Where the rules cannot be applied nothing of the submission is sent either. */
async function refusedOf(
  tasks: readonly TaskOut[],
  { submissions, scopeCache, log }: KeepOutServices,
): Promise<TaskOut[]> {
  const refused: TaskOut[] = [];
  for (const task of tasks) {
    const facts = task.submission === undefined ? undefined : await submissions.find(task.submission);
    const address = parseAddress(task.ip ?? '');
    if (facts === undefined || address === undefined) continue;
    try {
      if (!(await scopeCache.of(facts, undefined)).allows(address)) refused.push(task);
    } catch (error) {
      log.warn(
        { submission: facts.id, task: task.id, err: messageOf(error) },
        'the rules cannot be applied to a task that runs',
      );
    }
  }
  return refused;
}
