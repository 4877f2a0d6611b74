import { randomUUID } from 'node:crypto';
import { listedOf, shortText } from '../../adapters/audit/entry.ts';
import type { Exclusion } from '../../adapters/scopeRules/exclusion.ts';
import type { Receipt } from '../../adapters/scopeRules/receiptStore.ts';
import type { Excluded } from '../../flows/takeBack/exclude.ts';
import { installationReceipt } from '../../flows/takeBack/installationReceipts.ts';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';

/** Running tasks that an answer lists. */
const LISTED = 50;
/** In the place of an id: what the installation excludes. */
const INSTALLATION = 'installation';
const RECEIPT_ID = /^[\w-]{1,64}$/;

type List = ReadonlyMap<string, Exclusion>;

/** Of exclusions of a project that are about to be added. */
export function newReceipt({ project, caller }: ProjectContext, put: List): Receipt {
  const running = [...put.values()].some((each) => each.running === 'finish') ? 'finish' : 'kill';
  const typed = [...put.values()].map(({ entry }) => entry);
  return receiptOf({ project, by: caller.user.username, running, of: 'project' }, typed);
}

/** @param entries the exclusions as typed */
function receiptOf(
  of: Pick<Receipt, 'project' | 'by' | 'running' | 'of'>,
  entries: readonly string[],
): Receipt {
  return {
    ...of,
    id: randomUUID(),
    at: new Date().toISOString(),
    entries: listedOf(entries, shortText) as Receipt['entries'],
    ...{ seen: {}, last: null, since: null },
  };
}

/** With the receipt that they share. */
export function withId(put: List, receipt: Receipt | undefined): Map<string, Exclusion> {
  const { id } = receipt ?? {};
  return new Map([...put].map(([normal, each]) => [normal, id === undefined ? each : { ...each, id }]));
}

/** What new exclusions were applied to. */
export function appliedBody({ id, project }: Receipt, { waiting, ready, running, complete }: Excluded) {
  const href = `/tasks/${project}/exclusions/${id}/receipt`;
  return { id, waiting, ready, running, complete, href };
}

/** GET /tasks/{project_id}/exclusions/{receipt_id}/receipt */
export async function receipt(
  { project, params, caller }: ProjectContext,
  { flows, config }: Services,
): Promise<HttpResponse> {
  const asked = params.receipt_id ?? '';
  const id = asked === INSTALLATION ? installationReceipt(project) : asked;
  const now = RECEIPT_ID.test(id) ? await flows.receipt(project, id) : undefined;
  if (now === undefined) return plainError('unknown_receipt');
  const { receipt: kept, ready, running, holds } = now;
  const { by, at, running: when_running, since } = kept;
  const isHidden = kept.of === 'installation' && !caller.admin && !config.showInstallationRules;
  const exclusions = isHidden ? { ...kept.entries, listed: [] } : kept.entries;
  const last = kept.last && {
    ...{ task_id: kept.last.task, address: kept.last.ip, worker: kept.last.worker },
    ended_at: kept.last.ended_at,
  };
  const running_targets = Object.entries(kept.seen)
    .slice(0, LISTED)
    .map(([task_id, { ip, worker }]) => ({ task_id, address: ip, worker }));
  const left = { waiting: 0, ready, running, running_targets };
  return {
    status: 200,
    body: { id: asked, exclusions, holds, by, at, when_running, ...left, since, last },
  };
}
