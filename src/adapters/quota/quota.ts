import { QuotaError } from '../../runtime/errors.ts';
import { KEY_PREFIX } from '../redis/keys.ts';

/** How much of each a project may have; 0: any amount. */
export interface Quotas {
  /** Scans and plans that have not ended. */
  openSubmissions: number;
  /** Plans of which something is kept. */
  plans: number;
  /** What is kept in Redis of all scans and plans. */
  storedBytes: number;
}

export const NO_QUOTAS: Quotas = { openSubmissions: 0, plans: 0, storedBytes: 0 };

/** A user may have so many times a project's quota over all projects: somebody works in several of them. */
const PROJECTS_OF_A_USER = 4;

/** Where it is counted what a project or a user has: the beginning of the keys in scripts.ts. */
export function quotaOwner(whose: 'project' | 'user', id: string): string {
  return `${KEY_PREFIX}:quota:${whose}:${id}`;
}

/** What the scripts are told: who has a quota of it, and which. */
export function quotasOf(quotas: Quotas, project: string, user: string) {
  const of = (whose: 'project' | 'user', id: string, factor: number) => ({
    whose,
    owner: quotaOwner(whose, id),
    open: quotas.openSubmissions * factor,
    plans: quotas.plans * factor,
    bytes: quotas.storedBytes * factor,
  });
  return [of('project', project, 1), of('user', user, PROJECTS_OF_A_USER)];
}

/** Whose quota is used up, which one, what is there, what would be added, and the limit. */
export type Excess = [
  whose: 'project' | 'user',
  what: 'open' | 'plans' | 'bytes',
  has: number,
  adds: number,
  limit: number,
];

/** Seconds: open scans end while they are sent. Plans and what is stored stay for hours. */
const OPEN_RETRY_AFTER_S = 60;

export function quotaError(excess: Excess, project: string): QuotaError {
  return new QuotaError(excessText(excess, project), excess[1] === 'open' ? OPEN_RETRY_AFTER_S : undefined);
}

export function excessText([whose, what, has, adds, limit]: Excess, project: string): string {
  const owner = whose === 'project' ? 'the project has' : 'you have in all projects together';
  const many = whose === 'project' ? '' : `${PROJECTS_OF_A_USER} times `;
  switch (what) {
    case 'open':
      return `${owner} ${has} open scans and plans, and ${limit} is the limit (${many}MAX_OPEN_SUBMISSIONS): wait until some have ended, or stop those of a project with GET /tasks/${project}/stop-nmap`;
    case 'plans':
      return `${owner} ${has} plans, and ${limit} is the limit (${many}MAX_PLANS): each goes 24 hours after it was made, or delete some with DELETE /tasks/${project}/plan/{plan_id}; run-nmap needs no plan`;
    case 'bytes':
      return `${owner} ${megabytes(has)} MB stored for scans and plans, this takes ${megabytes(adds)} MB more, and ${megabytes(limit)} MB is the limit (${many}MAX_STORED_MB): each goes 24 hours after its end; stop what waits with GET /tasks/${project}/stop-nmap, or send fewer names and addresses`;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
