import type { RefusalReason } from '../../model/refusal.ts';
import type { Progress } from '../../model/submission.ts';
import type { SubmissionDetails } from '../../queries/submissionDetails.ts';
import type { TargetOutcome, TargetState } from '../../queries/targetOutcome.ts';
import { SUBMISSION_CURSOR, targetCursor } from '../http/cursor.ts';
import {
  ALICE,
  PROJECT,
  RECEIPT,
  refusedRowsExample,
  SUBMISSION,
  scanRequestExample,
  summary,
} from '../openapi/examples.ts';
import { submissionBody } from './submissionBody.ts';

/** The documentation's examples of the routes that tell about submissions. */

const submission: Progress = {
  id: SUBMISSION,
  kind: 'scan',
  project: PROJECT,
  user: ALICE,
  state: 'dispatching',
  priority: 3,
  createdAt: '2026-11-02T09:30:00.000Z',
  finishedAt: null,
  summary: { ...summary, resolved_ips: 2_002, sent_to_scan: 2_000 },
  total: 2_000,
  sent: 1_000,
  failed: 0,
  paused: null,
};

export const submissionListExample = {
  submissions: [submissionBody(submission)],
  next: SUBMISSION_CURSOR,
};

const { hosts: _hosts, ...asked } = scanRequestExample;

/** As it is known, before it is told. */
export const detailsExample: SubmissionDetails = {
  ...submission,
  plan: null,
  options: {
    ...asked,
    priority: 3,
    ip_version: '4',
    allow_unresolved_exclusions: false,
    open_ports_opts: { ...asked.open_ports_opts, skip_host_discovery: true },
    service_opts: { ...asked.service_opts, aggressive_scan: false, os_detection: false, traceroute: false },
  },
  taken_out: [
    {
      id: RECEIPT,
      how: 'cancelled',
      by: 'alice',
      at: '2026-11-02T09:31:00.000Z',
      entries: ['203.0.113.0/28'],
    },
  ],
  times: {
    created_at: '2026-11-02T09:30:00.000Z',
    planned_at: '2026-11-02T09:30:01.120Z',
    first_sent_at: '2026-11-02T09:30:01.480Z',
    ended_at: null,
    finished_at: null,
  },
  refused_detail: refusedRowsExample,
  stages: [
    {
      stage: 'expand',
      state: 'done',
      began_at: '2026-11-02T09:30:00.020Z',
      ended_at: '2026-11-02T09:30:00.090Z',
    },
    {
      stage: 'resolve',
      state: 'done',
      done: 1,
      total: 1,
      began_at: '2026-11-02T09:30:00.090Z',
      ended_at: '2026-11-02T09:30:00.870Z',
    },
    {
      stage: 'dedup',
      state: 'done',
      began_at: '2026-11-02T09:30:00.870Z',
      ended_at: '2026-11-02T09:30:01.090Z',
    },
    {
      stage: 'split',
      state: 'done',
      began_at: '2026-11-02T09:30:01.100Z',
      ended_at: '2026-11-02T09:30:01.120Z',
    },
    {
      stage: 'publish',
      state: 'active',
      done: 1_000,
      total: 2_000,
      began_at: '2026-11-02T09:30:01.480Z',
      ended_at: null,
    },
    { stage: 'submission', state: 'waiting', began_at: null, ended_at: null },
  ],
  progress: {
    total: 2_000,
    sent: 1_000,
    done: 600,
    dropped: 1,
    stopped: 0,
    failed: 0,
    remaining: 1_399,
    resent: 0,
  },
  estimate: { ends_at: '2026-11-02T10:13:17.581Z', rate_per_s: 0.77 },
};

export const submissionDetailsExample = submissionBody(detailsExample);

const accepted = (target: string, hostnames: string[], state: TargetState, task_id: string | null) => {
  return { target, hostnames, state, reason: null, task_id };
};
const refused = (target: string, hostnames: string[], reason: RefusalReason) => {
  return { target, hostnames, state: 'refused' as const, reason, task_id: null };
};

const targets: TargetOutcome[] = [
  accepted('8.8.8.2', [], 'running', '5b2f3b0c-52a1-5d0a-8a4e-2c1d6c1a7f10'),
  accepted('8.8.8.9', ['www.example.com'], 'waiting', null),
  {
    ...accepted('8.8.8.10', ['cdn.example.com'], 'queued', '0d7b0f1e-6f0b-5c58-9d43-6f8f1f0a2a11'),
    moved_from: '8.8.8.8',
  },
  refused('8.8.8.1', [], 'already_in_scanledger'),
  refused('203.0.113.7', [], 'forbidden'),
  refused('gone.example.com', ['gone.example.com'], 'unresolvable'),
];

/** With `limit=5`. */
export const targetPageExample = {
  targets: targets.slice(0, 5),
  next: targetCursor({ section: 'names', index: 0 }),
};

export const targetTextsExample = {
  'text/csv': [
    'target,hostnames,state,reason,task_id,moved_from,starts',
    '8.8.8.2,,running,,5b2f3b0c-52a1-5d0a-8a4e-2c1d6c1a7f10,,',
    '8.8.8.9,www.example.com,waiting,,,',
    '8.8.8.10,cdn.example.com,queued,,0d7b0f1e-6f0b-5c58-9d43-6f8f1f0a2a11,8.8.8.8',
    '8.8.8.1,,refused,already_in_scanledger,,',
    '203.0.113.7,,refused,forbidden,,',
    'gone.example.com,gone.example.com,refused,unresolvable,,',
    '',
  ].join('\r\n'),
  'application/x-ndjson': targets.map((target) => `${JSON.stringify(target)}\n`).join(''),
};
