/**
 * The words of a submission, as they are kept in Redis and told to callers. (The glossary is in ARCHITECTURE.md.)
 */

import type { PerNetwork } from './perNetwork.ts';
import type { RefusalDetail, RefusalReason } from './refusal.ts';
import type { Resolution } from './resolution.ts';
import type { ScanOptions } from './scanOptions.ts';
import type { TargetOptions } from './targetOptions.ts';

/** The stages in the order of the flow; each has a queue of its name. */
export const STAGE_NAMES = ['expand', 'resolve', 'dedup', 'split', 'publish', 'submission'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** Who asks. `id` is a UUID for users of ScanLedger; tasks carry both fields. */
export interface User {
  id: string;
  username: string;
}

/** A `plan` goes through the same flow as a scan, but holds nothing and sends nothing. */
export type SubmissionKind = 'scan' | 'plan';
export type SubmissionOptions = ScanOptions &
  TargetOptions & { priority?: Priority; per_network?: PerNetwork | null };

/** Which submissions go first: a lower number before all higher ones. 1 only admins give. */
export const PRIORITIES = [1, 2, 3, 4, 5] as const;
export type Priority = (typeof PRIORITIES)[number];
export const DEFAULT_PRIORITY: Priority = 3;

/** Entries that could not be read and were skipped because the request asked for it. */
export interface InvalidEntries {
  /** The first ones, in the shape of the API's validation errors. */
  listed: {
    type: string;
    loc: (string | number)[];
    msg: string;
    input: unknown;
    line?: number;
    column?: number;
  }[];
  total: number;
}

/** Something that is allowed, and perhaps not meant. */
export interface Warning {
  code: string;
  message: string;
  loc?: (string | number)[];
}

/** What intake hands to the flow: everything is validated, normalised where it matters, and durable once added. */
export interface NewSubmission {
  kind: SubmissionKind;
  /** Lower-case UUID with hyphens. */
  project: string;
  user: User;
  options: SubmissionOptions;
  /** The distinct entries as typed, in their order, one line each; see placedEntries.ts. Bytes are UTF-8. */
  entries: string | Uint8Array;
  /** All entries of the request, skipped ones included. */
  provided: number;
  duplicatesRemoved: number;
  /** How many of the distinct entries are host names. */
  names: number;
  /** Tasks that it may come to, as far as intake knows: addresses, and one for each name, in parts of their ports. */
  expected?: number;
  /** What the request itself leaves out, as typed, each in one spelling. */
  exclude?: readonly string[];
  /** What intake noticed. */
  warnings?: readonly Warning[];
  /** Absent when there are none. */
  invalid?: InvalidEntries;
}

/**
 * - `planning`: accepted; expand, resolve, dedup or split still runs
 * - `dispatching`: planned, its tasks are being sent
 * - `paused`: planned, and somebody paused it, its project or everything, see `paused`
 * - `done`: every task was sent
 * - `finished`: and none of them is out any more, see `finishedAt`
 * - `stopped`: taken back by somebody
 * - `failed`: a stage gave up and waits for a retry, see `failure`
 */
export const SUBMISSION_STATES = [
  'planning',
  'dispatching',
  'paused',
  'done',
  'finished',
  'stopped',
  'failed',
] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

export interface Summary {
  provided: number;
  duplicates_removed: number;
  /** Distinct addresses found, refused ones included. */
  resolved_ips: number;
  /** (name, address) links. */
  hostnames_collapsed_to_ip: number;
  refused: Record<RefusalReason, number>;
  /** Accepted: sent, or waiting for its turn. */
  sent_to_scan: number;
}

/** What is known of a submission at this moment. */
export interface Progress {
  id: string;
  kind: SubmissionKind;
  project: string;
  user: User;
  state: SubmissionState;
  priority: Priority;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601: when it was seen that none of its tasks is out any more; null: not yet. */
  finishedAt: string | null;
  summary: Summary;
  /** Tasks in all: one for each accepted address, or for each and part of its ports. 0 while planning. */
  total: number;
  /** Tasks that were handed to RabbitMQ, or that turned out to be held by another one at that moment. */
  sent: number;
  /** Tasks that were begun again and again, and never ended. */
  failed: number;
  /** Why nothing moves, or soon will not, though nothing failed: somebody holds it up; null: nobody does. */
  paused: string | null;
  /** Present in state `failed`: the stage that gave up and why. */
  failure?: Failure;
}

/** A stage that gave up, and waits for a retry. */
export interface Failure {
  stage: StageName;
  reason: string;
  /** Because of the scope rules: whoever asked, or keeps the rules, can mend it. */
  byScope: boolean;
  /** Because the rules are others by now than those of the plan. */
  scopeChanged?: true;
}

/** A name and what it came to. `wildcard`: its domain gives the same to every name. */
export type ResolvedName = readonly [name: string, resolution: Resolution & { wildcard?: true }];

/** How many addresses or names a rule refused. */
export interface RefusedRow {
  reason: RefusalReason;
  detail: RefusalDetail;
  count: number;
}

/** By which content the rules of the installation and of a project are kept; see RuleStore. */
export interface RulesRef {
  installation: string;
  /** Absent: the project excluded nothing. */
  project?: string;
}

/** The rules that a set was planned under, and what their names came to. */
export interface PlanRules {
  shared: RulesRef;
  /** What the request itself excludes. */
  request: readonly string[];
  /** What the scan got later, and before it was planned. Absent: nothing. */
  later?: readonly LaterExclusions[];
  excluded: readonly ResolvedName[];
}

/** What somebody took out of a scan after it was submitted. */
export interface LaterExclusions {
  /** Names the receipt. */
  id: string;
  /** `excluded`: never scanned for this scan; `cancelled`: no longer wanted. */
  how: 'excluded' | 'cancelled';
  by: string;
  /** ISO 8601. */
  at: string;
  /** As typed. */
  entries: readonly string[];
}
