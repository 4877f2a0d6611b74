import {
  DEFAULT_PRIORITY,
  type Priority,
  type SubmissionKind,
  type SubmissionOptions,
  type SubmissionState,
  type User,
} from '../../model/submission.ts';

/** What a stage needs to know of its submission. */
export interface SubmissionFacts {
  id: string;
  project: string;
  kind: SubmissionKind;
  /** The plan whose set it scans; undefined: its entries are expanded. */
  plan: string | undefined;
  user: User;
  options: SubmissionOptions;
  priority: Priority;
  state: Exclude<SubmissionState, 'failed'>;
  /** ISO 8601. */
  createdAt: string;
  /** Accepted addresses; 0 before dedup has reserved them. */
  targets: number;
  /** Their tasks; undefined before dedup has reserved them. */
  total: number | undefined;
  /** Tasks whose batch was sent. */
  sent: number;
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
  return {
    id,
    kind: hash.kind === 'plan' ? 'plan' : 'scan',
    plan: hash.plan,
    project: hash.project ?? '',
    user: JSON.parse(hash.user ?? '{}') as User,
    options: JSON.parse(hash.options ?? '{}') as SubmissionOptions,
    priority: priorityIn(hash),
    state: hash.state as SubmissionFacts['state'],
    createdAt: hash.created_at ?? '',
    targets: Number(hash.targets ?? 0),
    total: hash.total === undefined ? undefined : Number(hash.total),
    sent: Number(hash.sent ?? 0),
    resolvedIps: Number(hash.resolved_ips ?? 0),
    invalid: Number(hash.invalid ?? 0),
    links: Number(hash.links ?? 0),
    inFlightKey: hash.in_flight ?? '',
  };
}

export function priorityIn({ priority }: Readonly<Record<string, string>>): Priority {
  return Number(priority ?? DEFAULT_PRIORITY) as Priority;
}
