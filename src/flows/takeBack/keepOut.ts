import type { PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import type { Receipt } from '../../adapters/scopeRules/receiptStore.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { messageOf } from '../../runtime/errors.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { letFinish } from '../stop/letFinish.ts';
import { Coverage, type ScopeServices } from './coverage.ts';
import { openInstallationReceipts } from './installationReceipts.ts';
import { look, lookAtReceipts } from './receipts.ts';
import { type AgainServices, addAgainOrLater } from './sendAgain.ts';
import { endInHand, takeBack, tasksInHand } from './takeBack.ts';

export type RuleServices = AgainServices & ScopeServices;

export interface KeepOutServices extends RuleServices {
  /** Of the rules of the installation as they are now. */
  installationHash(): string;
}

/**
 * Applies new exclusions to what is out: what is ready comes back, and is looked at again before it is sent; what runs and
 * is excluded by now is ended, unless it may finish. Run every second; costs nothing when no rule has changed.
 */
export async function keepOut(services: KeepOutServices): Promise<void> {
  const { rulesToApply, broker } = services;
  await rulesToApply.installationIs(services.installationHash());
  if (broker.connected && broker.blocked === undefined)
    for (const { project, version } of await rulesToApply.all()) {
      if (project === undefined) await openInstallationReceipts(version, services);
      await applyRules(project, version, services);
    }
  for (const id of await lookAtReceipts(services)) await addAgainOrLater(id, services);
}

/** How many of what a receipt is about were ready or ran. */
export interface Applied {
  ready: number;
  running: number;
  /** Nothing that was sent before can be in RabbitMQ any more. */
  complete: boolean;
}

/**
 * @param project undefined: all
 * @param version of the rules that are applied
 * @param receipt whose tasks are counted
 * @throws ServiceUnavailableError when RabbitMQ does not take part
 */
export async function applyRules(
  project: string | undefined,
  version: string,
  services: RuleServices,
  receipt?: Receipt,
): Promise<Applied> {
  const { rulesToApply, log } = services;
  const scope = project === undefined ? {} : { project };
  const coverage = receipt && (await Coverage.of(receipt, services));
  let wereReady = 0;
  const { ready, complete, submissions } = await takeBack(scope, services, async (tasks) => {
    for (const task of coverage ? tasks : []) if ((await coverage?.covers(task)) === 'yes') wereReady += 1;
  });
  const affected = new Set(submissions);
  const left = receipt && (await look(receipt, services));
  for (const id of [...(left?.ended ?? []), ...(await lookAtReceipts(services, project))]) affected.add(id);
  const refused = await endRefused(scope, services);
  for (const { submission } of refused) if (submission !== undefined) affected.add(submission);
  for (const id of affected) await addAgainOrLater(id, services);
  if (complete) await rulesToApply.applied(project, version);
  log.info(
    { project, ready, ended: refused.map(({ id, ip }) => ({ task: id, ip })), complete },
    'new rules are applied to the tasks that were out',
  );
  return { ready: wereReady, running: left?.running ?? 0, complete };
}

/** Ends what runs and must not by now, and gives it. What may finish does not begin once more. */
async function endRefused(scope: PauseScope, services: RuleServices): Promise<TaskOut[]> {
  const { submissions, recalls } = services;
  const inHand = await refusedOf(await tasksInHand(scope, services), services);
  const refused = await withoutFinishing(inHand, services);
  await recalls.remember(
    refused.map(({ id }) => id),
    new Set(),
  );
  for (const task of inHand) {
    const facts = refused.includes(task) ? undefined : await submissions.find(task.submission ?? '');
    if (facts !== undefined) await letFinish([task.id], facts.project, services);
  }
  await endInHand(refused, services);
  return refused;
}

/** Those that must not be scanned by now. Where the rules cannot be applied nothing of the submission is sent either. */
async function refusedOf(tasks: readonly TaskOut[], services: RuleServices): Promise<TaskOut[]> {
  const { submissions, scopeCache, log } = services;
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

async function withoutFinishing(tasks: readonly TaskOut[], services: RuleServices): Promise<TaskOut[]> {
  const { receipts } = services;
  let left = [...tasks];
  if (left.length === 0) return left;
  for (const [id, project] of Object.entries(await receipts.unsettled())) {
    const receipt = await receipts.find(project, id);
    if (receipt?.running !== 'finish') continue;
    const coverage = await Coverage.of(receipt, services);
    const covered = await Promise.all(left.map((task) => coverage?.covers(task)));
    left = left.filter((_, index) => covered[index] !== 'yes');
  }
  return left;
}
