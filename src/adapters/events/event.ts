/** What happens in a project, as programs hear of it. The names are stable: others build on them. */
export const PROJECT_EVENTS = [
  'scan.planned',
  'scan.finished',
  'scan.failed',
  'scan.paused',
  'scan.resumed',
  'scan.cancelled',
  'target.dead',
  'exclusion.in_effect',
  'worker.gone',
] as const;
export type ProjectEventType = (typeof PROJECT_EVENTS)[number];

/** One of them. Its data is never longer than a few lines: what may be many is counted, and the first are named. */
export interface ProjectEvent {
  /** Its place among the events of its project. */
  id: string;
  type: ProjectEventType;
  /** ISO 8601, by the clock of Redis. */
  timestamp: string;
  project: string;
  data: Readonly<Record<string, unknown>>;
}

export const EVENT_ID = /^\d{1,15}-\d{1,10}$/;

/** -1, 0 or 1, as for a sort. */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return Math.sign(aMs - bMs || aNumber - bNumber);
}
