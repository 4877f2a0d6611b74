import type { Progress, Summary } from '../adapters/submission.ts';

/** The documentation's examples. A test holds them against the schemas. */

export const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
export const SUBMISSION = '0198a7c4-4d1c-7c0e-9a53-6a1f6f0c2b11';

export const scanRequestExample = {
  hosts: ['192.0.0.9', 'www.example.com # the shop', '8.8.8.0/30, 8.8.8.300'],
  on_invalid: 'skip',
  include_network_and_broadcast: false,
  open_ports_opts: { ports: ['22', '80', '8000-8100'], transport_protocol: 'tcp', min_rate: 500 },
  service_opts: { default_scripts: true },
  timeout: 3600,
  include_services: true,
  single_resolve: false,
  mode: 'insert',
};

export const summary: Summary = {
  provided: 4,
  duplicates_removed: 0,
  resolved_ips: 3,
  hostnames_collapsed_to_ip: 0,
  refused: {
    already_in_scanledger: 1,
    already_in_queue: 0,
    forbidden: 0,
    private_ip: 0,
    unresolvable: 1,
    other: 1,
  },
  sent_to_scan: 2,
};

const link = (state: Progress['state']) => ({
  id: SUBMISSION,
  state,
  href: `/tasks/${PROJECT}/submissions/${SUBMISSION}`,
});

const skipped = {
  type: 'value_error',
  loc: ['body', 'hosts', 2],
  msg: 'octet 300 is not in 0..255 (line 1, column 13)',
  input: '8.8.8.300',
  line: 1,
  column: 13,
};

export const scanAnswerExample = {
  summary,
  prepared_targets: {
    '8.8.8.1': { hostnames: [], valid: true, reason: null },
    '8.8.8.2': { hostnames: [], valid: true, reason: null },
    '192.0.0.9': { hostnames: [], valid: false, reason: 'already_in_scanledger' },
    'www.example.com': { hostnames: ['www.example.com'], valid: false, reason: 'unresolvable' },
  },
  input_to_scan: [{ input: '8.8.8.0/30', scanned_ip: null, all_hostnames_for_ip: [] }],
  invalid_entries: [skipped],
  submission: link('dispatching'),
};

export const planningExample = {
  summary: { ...summary, resolved_ips: 0, refused: { ...summary.refused, already_in_scanledger: 0 } },
  prepared_targets: {},
  input_to_scan: [],
  invalid_entries: [skipped],
  submission: link('planning'),
};

export const failedExample = {
  detail: 'dedup gave up: the ledger does not answer; the submission waits for a retry',
  submission: link('failed'),
};

export const stoppedExample = { detail: 'The submission was stopped', submission: link('stopped') };

export const newExclusionsExample = {
  hosts: ['203.0.113.0/28', '*.payments.example.com', { entry: '198.51.100.9', why: 'fragile printer' }],
  why: 'out of scope by contract, annex B',
  until: '2027-01-31T23:59:59Z',
};

export const exclusionsExample = {
  exclusions: [
    {
      entry: '203.0.113.0/28',
      by: { id: '3f0f3b0a-9a39-4a2e-8a3a-0a6f1f2f9d10', username: 'alice' },
      at: '2026-11-02T09:30:00.000Z',
      why: 'out of scope by contract, annex B',
      until: '2027-01-31T23:59:59.000Z',
    },
  ],
  installation: ['192.0.2.1', '*.internal.example.com'],
  version: 3,
};

const planLink = {
  id: '7c0e3df6-4c1d-444d-ad40-41a27ca48d87',
  state: 'done',
  href: `/tasks/${PROJECT}/plan/7c0e3df6-4c1d-444d-ad40-41a27ca48d87`,
};

export const planNumbersExample = { plan: { ...planLink, state: 'planning' }, summary };

const excludedDetail = { rule: 'exclusion', source: 'project', entry: '203.0.113.0/28' };

export const planExample = {
  plan: planLink,
  summary,
  tasks: 2,
  refused_detail: [{ reason: 'forbidden', detail: excludedDetail, count: 1 }],
  warnings: [{ code: 'overlapping_ports', message: 'ports 80 and 79-81 overlap' }],
  ranges: ['8.8.8.1-8.8.8.2'],
  entries: [
    {
      entry: '8.8.8.0/30',
      item: 0,
      line: 1,
      column: 1,
      kind: 'network',
      addresses: 2,
      accepted: 2,
      refused: [],
    },
    {
      entry: 'www.example.com',
      item: 1,
      line: 3,
      column: 1,
      kind: 'name',
      addresses: 1,
      accepted: 0,
      name: { addresses: ['203.0.113.7'], chain: ['cdn.example.net'], ttl_s: 300 },
      refused: [{ reason: 'forbidden', detail: excludedDetail, count: 1 }],
      covered_by: [{ entry: '203.0.113.0/28', item: 0, line: 2, column: 1 }],
    },
  ],
};

export const planDiffExample = {
  came: { addresses: 3, ranges: ['8.8.8.4-8.8.8.6'] },
  went: { addresses: 0, ranges: [] },
  truncated: false,
};

export const statusExample = {
  active_or_queued: 2,
  running: 1,
  running_targets: [{ ip: '8.8.8.1', hostnames: [], worker: 'worker-1', started_at: 1_793_611_800 }],
};

export const invalidExample = {
  detail: [
    {
      type: 'value_error',
      loc: ['body', 'hosts', 0],
      msg: 'a host has no port here; did you mean 8.8.8.8?',
      input: '8.8.8.8:80',
    },
  ],
};
