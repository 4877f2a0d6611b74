import { SUBMISSION_CURSOR } from '../http/cursor.ts';
import {
  excludedDetail,
  failureExample,
  gaveUp,
  PAUSED,
  PLAN,
  PROJECT,
  planningSummary,
  refusedRowsExample,
  skipped,
  summary,
  warningsExample,
} from '../openapi/examples.ts';
import { failureBody } from '../submissions/submissionBody.ts';

/** The documentation's examples of the routes about plans. */

const planLink = (state: 'planning' | 'done' | 'failed') => ({
  id: PLAN,
  state,
  href: `/tasks/${PROJECT}/plan/${PLAN}`,
});

export const planNumbersExample = { plan: planLink('planning'), summary: planningSummary };

export const planFailedExample = {
  detail: gaveUp,
  code: 'stage_gave_up',
  plan: planLink('failed'),
  summary: planningSummary,
};

export const planExample = {
  plan: planLink('done'),
  summary,
  tasks: 2,
  refused_detail: refusedRowsExample,
  warnings: warningsExample,
  invalid_entries: [skipped],
  ranges: ['8.8.8.2', '8.8.8.9'],
  entries: [
    {
      entry: '8.8.8.0/30',
      item: 0,
      line: 1,
      column: 1,
      kind: 'network',
      addresses: 2,
      accepted: 1,
      refused: [{ reason: 'already_in_scanledger', detail: null, count: 1 }],
    },
    {
      entry: '8.8.8.2',
      item: 0,
      line: 1,
      column: 13,
      kind: 'address',
      addresses: 1,
      accepted: 1,
      refused: [],
      covered_by: [{ entry: '8.8.8.0/30', item: 0, line: 1, column: 1 }],
    },
    {
      entry: 'www.example.com',
      item: 1,
      line: 1,
      column: 1,
      kind: 'name',
      addresses: 1,
      accepted: 1,
      name: {
        addresses: ['8.8.8.9'],
        chain: ['cdn.example.net'],
        ttl_s: 300,
        unanswered: { family: '6', failure: 'servfail' },
        wildcard: true,
      },
      refused: [],
    },
    {
      entry: 'gone.example.com',
      item: 1,
      line: 2,
      column: 1,
      kind: 'name',
      addresses: 0,
      accepted: 0,
      name: { addresses: [], chain: [], failure: 'nxdomain' },
      refused: [
        { reason: 'unresolvable', detail: { rule: 'dns', source: 'DNS', entry: 'nxdomain' }, count: 1 },
      ],
    },
    {
      entry: '203.0.113.7',
      item: 2,
      line: 1,
      column: 1,
      kind: 'address',
      addresses: 1,
      accepted: 0,
      refused: [{ reason: 'forbidden', detail: excludedDetail, count: 1 }],
    },
  ],
};

export const planListExample = {
  plans: [
    {
      ...planLink('failed'),
      paused: PAUSED,
      created_at: '2026-11-02T09:30:00.000Z',
      user: { id: '3f0f3b0a-9a39-4a2e-8a3a-0a6f1f2f9d10', username: 'alice' },
      expires_at: '2026-11-03T09:30:12.000Z',
      failure: failureBody(failureExample),
    },
  ],
  next: SUBMISSION_CURSOR,
};

export const deletedPlanExample = { deleted: PLAN };

export const planDiffExample = {
  added: { addresses: 3, ranges: ['8.8.8.4-8.8.8.6'] },
  removed: { addresses: 1, ranges: ['8.8.8.9'] },
  truncated: false,
};
