import type { RefusalReason } from '../../model/refusal.ts';
import {
  DEFAULT_PRIORITY,
  type Priority,
  type SubmissionKind,
  type SubmissionOptions,
  type SubmissionState,
  type User,
} from '../../model/submission.ts';

/** What stands in the hash of a submission. */
export interface SubmissionFacts {
  id: string;
  project: string;
  kind: SubmissionKind;
  /** The plan whose set it scans; undefined: its entries are expanded. */
  plan: string | undefined;
  user: User;
  options: SubmissionOptions;
  priority: Priority;
  state: Exclude<SubmissionState, 'failed' | 'paused' | 'finished'>;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; undefined: not yet. */
  plannedAt: string | undefined;
  firstSentAt: string | undefined;
  endedAt: string | undefined;
  finishedAt: string | undefined;
  /** Entries of the request, skipped ones included; how many of them were there before; those that are names. */
  provided: number;
  duplicatesRemoved: number;
  names: number;
  /** Accepted addresses; 0 before dedup has reserved them. */
  targets: number;
  /** Their tasks; undefined before dedup has reserved them. */
  total: number | undefined;
  /** Tasks whose batch was sent, and those of them that were left out then. */
  sent: number;
  dropped: number;
  /** Of those that were sent, tasks that have come back and wait to be sent again. */
  again: number;
  /** How often something was taken out of it since it was submitted. */
  later: number;
  /** Tasks that were lost, and were sent again. */
  resent: number;
  /** Tasks that were begun again and again, and never ended. */
  failed: number;
  /** It was done when tasks came back. */
  reopened: boolean;
  /** What dedup refused; undefined before that. */
  refused: Record<RefusalReason, number> | undefined;
  /** Distinct addresses found, refused ones included. */
  resolvedIps: number;
  /** Entries that could not be read and were skipped. */
  invalid: number;
  /** (name, address) links: 0 means that no host names have to be read. */
  links: number;
  /** The key under which the same request, sent again, finds this submission. */
  inFlightKey: string;
}

/** Of a facts hash that has a project. */
export function factsOf(id: string, hash: Readonly<Record<string, string>>): SubmissionFacts {
  const number = (field: string) => Number(hash[field] ?? 0);
  return {
    id,
    kind: hash.kind === 'plan' ? 'plan' : 'scan',
    plan: hash.plan,
    project: hash.project ?? '',
    user: JSON.parse(hash.user ?? '{}') as User,
    options: JSON.parse(hash.options ?? '{}') as SubmissionOptions,
    priority: Number(hash.priority ?? DEFAULT_PRIORITY) as Priority,
    state: hash.state as SubmissionFacts['state'],
    createdAt: hash.created_at ?? '',
    plannedAt: hash.planned_at,
    firstSentAt: hash.first_sent_at,
    endedAt: hash.ended_at,
    finishedAt: hash.finished_at,
    provided: number('provided'),
    duplicatesRemoved: number('duplicates_removed'),
    names: number('names'),
    targets: number('targets'),
    total: hash.total === undefined ? undefined : Number(hash.total),
    sent: number('sent'),
    dropped: number('dropped'),
    again: number('again'),
    later: number('later'),
    resent: number('resent'),
    failed: number('failed'),
    reopened: hash.reopened === '1',
    refused:
      hash.refused === undefined ? undefined : (JSON.parse(hash.refused) as SubmissionFacts['refused']),
    resolvedIps: number('resolved_ips'),
    invalid: number('invalid'),
    links: number('links'),
    inFlightKey: hash.in_flight ?? '',
  };
}
