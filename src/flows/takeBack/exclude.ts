import type { Receipt } from '../../adapters/scopeRules/receiptStore.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import { Coverage } from './coverage.ts';
import { type Applied, applyRules, type RuleServices } from './keepOut.ts';
import { look } from './receipts.ts';
import { waitingOn } from './waitingOn.ts';

export interface Excluded extends Applied {
  /** Targets that were not sent. */
  waiting: number;
}

/**
 * Applies exclusions that were just written to all that is not done, and counts what they are about. What cannot be done
 * now, because RabbitMQ or DNS is away, is left to `keepOut`.
 */
export async function applyNow(receipt: Receipt, services: RuleServices): Promise<Excluded> {
  const { rulesToApply, log } = services;
  const { project } = receipt;
  const coverage = await Coverage.of(receipt, services);
  if (coverage === undefined) return { waiting: 0, ready: 0, running: 0, complete: true };
  const waiting = await waitingOn(project, coverage, services);
  const version = (await rulesToApply.all()).find((each) => each.project === project)?.version;
  try {
    return { waiting, ...(await applyRules(project, version ?? '', services, receipt)) };
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError)) throw error;
    log.warn({ project, receipt: receipt.id, err: messageOf(error) }, 'new exclusions are applied later');
    const { ready, running } = await look(receipt, services);
    return { waiting, ready, running, complete: false };
  }
}

/** A receipt as it is at this moment. `holds`: at least one of its exclusions does. */
export interface ReceiptNow {
  receipt: Receipt;
  ready: number;
  running: number;
  holds: boolean;
}

/** undefined: the project has no such receipt (any more). */
export async function receiptNow(
  project: string,
  id: string,
  services: RuleServices,
): Promise<ReceiptNow | undefined> {
  const { receipts } = services;
  const before = await receipts.find(project, id);
  if (before === undefined) return undefined;
  const holds = (await Coverage.of(before, services)) !== undefined;
  const { ready, running } =
    before.since === null && holds ? await look(before, services) : { ready: 0, running: 0 };
  return { receipt: (await receipts.find(project, id)) ?? before, ready, running, holds };
}
