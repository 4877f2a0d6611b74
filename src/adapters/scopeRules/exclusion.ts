import type { User } from '../../model/submission.ts';

/** What a project leaves out of every scan: one entry in any notation, a name, or `*.domain`. */
export interface Exclusion {
  /** As typed. */
  entry: string;
  /** `admin` is missing in what was kept before anybody asked for it. */
  by: User & { admin?: boolean };
  /** ISO 8601. */
  at: string;
  why: string;
  /** ISO 8601; from then on it no longer counts. null: for good. */
  until: string | null;
  /** Whoever made it: only an admin ends or changes it. */
  locked?: boolean;
  /** Those that one request added share it: it names their receipt. Missing in what was added before there were any. */
  id?: string;
  /** What it is about and ran when it was added goes on. */
  running?: 'finish';
}

/** Exclusions end at multiples of this. */
export const END_STEP_MS = 10_000;

/** Whether its time is not over. */
export function counts({ until }: Exclusion, nowMs: number): boolean {
  return nowMs < endOf(until);
}

/**
 * When an exclusion ends, in epoch milliseconds: with the step that has begun by then. So rules that end one after the
 * other do not make new ones for all who use them at each end.
 */
export function endOf(until: string | null): number {
  return until === null ? Number.POSITIVE_INFINITY : Math.ceil(Date.parse(until) / END_STEP_MS) * END_STEP_MS;
}
