import type { Failure, Progress, Summary } from '../../model/submission.ts';

/** The documentation's examples. Tests hold them against the schemas, and against what the code answers. */

export const RECEIPT = '7d1c6f0a-52b8-4f5e-9a53-1d2b8c0e4f66';
export const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
export const SUBMISSION = '0198a7c4-4d1c-7c0e-9a53-6a1f6f0c2b11';
export const PLAN = '7c0e3df6-4c1d-444d-ad40-41a27ca48d87';
export const OTHER_PLAN = 'e2b1c7d4-0f5a-4c3e-8b2d-5a9f1d6c7e30';
export const REQUEST_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

export const scanRequestExample = {
  hosts: ['8.8.8.0/30, 8.8.8.2', 'www.example.com # the shop\ngone.example.com', '203.0.113.7\n8.8.8.300'],
  on_invalid: 'skip' as const,
  include_network_and_broadcast: false,
  exclude: ['*.payments.example.com'],
  open_ports_opts: {
    ports: ['22', '443', '8000-8100', '8080'],
    transport_protocol: 'tcp' as const,
    min_rate: 500,
  },
  service_opts: { default_scripts: true },
  timeout: 3600,
  include_services: true,
  single_resolve: false,
  mode: 'insert' as const,
};

/** Why a submission does not move. */
export const PAUSED = 'the queue resolve is paused on the board';

/** While it is planned, no more is known than what the request holds. */
export const planningSummary: Summary = {
  provided: 6,
  duplicates_removed: 0,
  resolved_ips: 0,
  hostnames_collapsed_to_ip: 0,
  refused: {
    already_in_scanledger: 0,
    already_in_queue: 0,
    forbidden: 0,
    private_ip: 0,
    unresolvable: 0,
    other: 1,
  },
  sent_to_scan: 0,
};

export const summary: Summary = {
  ...planningSummary,
  resolved_ips: 4,
  hostnames_collapsed_to_ip: 1,
  refused: { ...planningSummary.refused, already_in_scanledger: 1, forbidden: 1, unresolvable: 1 },
  sent_to_scan: 2,
};

export const link = (state: Progress['state']) => ({
  id: SUBMISSION,
  state,
  href: `/tasks/${PROJECT}/submissions/${SUBMISSION}`,
});

export const skipped = {
  type: 'value_error',
  loc: ['body', 'hosts', 2],
  msg: 'octet 300 is not in 0..255 (line 2, column 1)',
  input: '8.8.8.300',
  line: 2,
  column: 1,
};

export const ALICE = { id: '3f0f3b0a-9a39-4a2e-8a3a-0a6f1f2f9d10', username: 'alice' };

/** What DNS said of a name that resolves. */
export const resolvedExample = {
  chain: ['cdn.example.net'],
  ttl_s: 300,
  unanswered: { family: '6', failure: 'servfail' },
  wildcard: true,
} as const;

export const nxdomainDetail = { rule: 'dns', source: 'DNS', entry: 'nxdomain' } as const;
export const excludedDetail = { rule: 'exclusion', source: 'project', entry: '203.0.113.0/28' } as const;

export const refusedRowsExample = [
  { reason: 'forbidden', detail: excludedDetail, count: 1 },
  { reason: 'already_in_scanledger', detail: { rule: 'ledger', source: 'ScanLedger', entry: '' }, count: 1 },
  { reason: 'unresolvable', detail: nxdomainDetail, count: 1 },
  { reason: 'other', detail: { rule: 'entry', source: 'request', entry: '' }, count: 1 },
] as const;

export const warningsExample = [
  {
    code: 'overlapping_ports',
    message: '8000-8100 and 8080 overlap; each port is scanned once',
    loc: ['body', 'open_ports_opts', 'ports'],
  },
];

export const scanAnswerExample = {
  summary,
  prepared_targets: {
    '8.8.8.2': { hostnames: [], valid: true, reason: null },
    '8.8.8.9': { hostnames: ['www.example.com'], valid: true, reason: null },
    '8.8.8.1': { hostnames: [], valid: false, reason: 'already_in_scanledger' },
    '203.0.113.7': { hostnames: [], valid: false, reason: 'forbidden' },
    'gone.example.com': { hostnames: ['gone.example.com'], valid: false, reason: 'unresolvable' },
  },
  input_to_scan: [
    { input: '8.8.8.0/30', scanned_ip: null, all_hostnames_for_ip: [] },
    { input: '8.8.8.2', scanned_ip: '8.8.8.2', all_hostnames_for_ip: [] },
    { input: 'www.example.com', scanned_ip: '8.8.8.9', all_hostnames_for_ip: ['www.example.com'] },
  ],
  invalid_entries: [skipped],
  refused_detail: refusedRowsExample,
  warnings: warningsExample,
  submission: link('dispatching'),
};

export const planningExample = {
  summary: planningSummary,
  prepared_targets: {},
  input_to_scan: [],
  invalid_entries: [skipped],
  warnings: warningsExample,
  submission: link('planning'),
};

export const failureExample: Failure = {
  stage: 'dedup',
  reason:
    "ScanLedger refuses Tasker's own token (401); check TASKER_AUTH_TOKEN: it must belong to an admin and not be expired",
  byScope: false,
};

export const gaveUp = `${failureExample.stage} gave up: ${failureExample.reason}; the submission waits for a retry`;

export const failedExample = { detail: gaveUp, code: 'stage_gave_up', submission: link('failed') };

export const stoppedExample = {
  detail: 'The submission was stopped',
  code: 'scan_stopped',
  submission: link('stopped'),
};

export const statusExample = {
  active_or_queued: 2,
  running: 1,
  running_targets: [
    { ip: '8.8.8.9', hostnames: ['www.example.com'], worker: 'worker-1', started_at: 1_793_611_800 },
  ],
};

export const badProjectExample = {
  detail: [
    {
      type: 'uuid_parsing',
      loc: ['path', 'project_id'],
      msg: 'Input should be a valid UUID',
      input: '6f1b9a52',
    },
  ],
  code: 'invalid_request',
};

export const invalidExample = {
  detail: [
    {
      type: 'value_error',
      loc: ['body', 'hosts', 0],
      msg: 'a host has no port here; did you mean 8.8.8.8?',
      input: '8.8.8.8:80',
    },
    { ...skipped, loc: ['body', 'hosts', 1] },
  ],
  code: 'invalid_entry',
};
