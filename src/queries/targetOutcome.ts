import type { RefusalReason } from '../model/refusal.ts';

/**
 * - `waiting`: accepted, not sent yet
 * - `queued`: sent, and no worker has begun
 * - `running`: a worker says that it scans it
 * - `done`: its worker has ended
 * - `refused`: not accepted, with the reason
 * - `dropped`: accepted, and left out when it was its turn, with the reason
 * - `stopped`: accepted, and taken back by a stop before its worker had ended
 * - `failed`: its workers began it again and again, and none of them ended
 */
export const TARGET_STATES = [
  'waiting',
  'queued',
  'running',
  'done',
  'refused',
  'dropped',
  'stopped',
  'failed',
] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** One accepted target, and what became of it. */
export interface TargetOutcome {
  /** An address, or a name that did not resolve. */
  target: string;
  /** Sorted. */
  hostnames: string[];
  state: TargetState;
  /** Of a refused or dropped target. */
  reason: RefusalReason | null;
  /** Of a target that was sent. */
  task_id: string | null;
  /** Of a failed one: which workers began it, and when (ISO 8601). */
  starts?: { worker: string; started_at: string }[];
  /** The planned address in whose place it is: a name led there, and leads here by now. */
  moved_from?: string;
}

/** Of a target that was not accepted. */
export function refusedTarget(target: string, hostnames: string[], reason: RefusalReason): TargetOutcome {
  return { target, hostnames, state: 'refused', reason, task_id: null };
}
