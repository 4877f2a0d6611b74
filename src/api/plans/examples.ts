import { SUBMISSION_CURSOR } from '../http/cursor.ts';
import {
  ALICE,
  excludedDetail,
  failureExample,
  gaveUp,
  nxdomainDetail,
  PAUSED,
  PLAN,
  PROJECT,
  planningSummary,
  refusedRowsExample,
  resolvedExample,
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

const at = (entry: string, item: number, line: number, column: number) => ({ entry, item, line, column });

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
      ...{ ...at('8.8.8.0/30', 0, 1, 1), kind: 'network', addresses: 2, accepted: 1 },
      refused: [{ reason: 'already_in_scanledger', detail: null, count: 1 }],
    },
    {
      ...{ ...at('8.8.8.2', 0, 1, 13), kind: 'address', addresses: 1, accepted: 1, refused: [] },
      covered_by: [at('8.8.8.0/30', 0, 1, 1)],
    },
    {
      ...{ ...at('www.example.com', 1, 1, 1), kind: 'name', addresses: 1, accepted: 1, refused: [] },
      name: { addresses: ['8.8.8.9'], ...resolvedExample },
    },
    {
      ...{ ...at('gone.example.com', 1, 2, 1), kind: 'name', addresses: 0, accepted: 0 },
      name: { addresses: [], chain: [], failure: 'nxdomain' },
      refused: [{ reason: 'unresolvable', detail: nxdomainDetail, count: 1 }],
    },
    {
      ...{ ...at('203.0.113.7', 2, 1, 1), kind: 'address', addresses: 1, accepted: 0 },
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
      user: ALICE,
      expires_at: '2026-11-03T09:30:12.000Z',
      failure: failureBody(failureExample),
    },
  ],
  next: SUBMISSION_CURSOR,
};

export const planDiffExample = {
  added: { addresses: 3, ranges: ['8.8.8.4-8.8.8.6'] },
  removed: { addresses: 1, ranges: ['8.8.8.9'] },
  truncated: false,
};
