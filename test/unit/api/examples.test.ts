import { json } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/adapters/submissions/submissionView.ts';
import { readScanRequest } from '../../../src/api/intake/intake.ts';
import * as example from '../../../src/api/openapi/examples.ts';
import * as planExample from '../../../src/api/plans/examples.ts';
import { planAnswer, planNumbers } from '../../../src/api/plans/planAnswer.ts';
import { failureAnswer } from '../../../src/api/scans/planning.ts';
import { numbersOnly, scanAnswer, submissionLink } from '../../../src/api/scans/scanAnswer.ts';
import { detailsExample as details } from '../../../src/api/submissions/examples.ts';
import type { Progress, ResolvedName } from '../../../src/model/submission.ts';
import { estimateOf } from '../../../src/queries/submissionDetails.ts';
import { coveredEntries } from '../../../src/targets/entries/coveredEntries.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import { knownNames } from '../../../src/targets/mergeNames.ts';
import type { ScopeRules } from '../../../src/targets/scope/rules.ts';
import { count } from '../../../src/targets/sets/addressSet.ts';
import { compileScope } from '../../support/compileScope.ts';

/** The examples are about one scan and its plan: here its request is read, and answered from what was found. */

const setOf = (...entries: string[]) => expandEntries(entries).set;

const request = read('scan');
const rules: ScopeRules = {
  allowPrivate: false,
  exclusions: [
    { level: 'project', entry: '203.0.113.0/28' },
    ...(request.exclude ?? []).map((entry) => ({ level: 'request' as const, entry })),
  ],
};
const resolved: ResolvedName[] = [
  [
    'www.example.com',
    {
      ...{ addresses: ['8.8.8.9'], chain: ['cdn.example.net'], ttlS: 300, atMs: 0, wildcard: true },
      unanswered: { family: '6', failure: 'servfail' },
    },
  ],
  ['gone.example.com', { failure: 'nxdomain', chain: [] }],
];
const outcome: Outcome = {
  accepted: setOf('8.8.8.2', '8.8.8.9'),
  refused: [
    { reason: 'already_in_scanledger', set: setOf('8.8.8.1') },
    { reason: 'forbidden', set: setOf('203.0.113.7') },
  ],
  hostnames: new Map([['8.8.8.9', '["www.example.com"]']]),
  unresolvable: ['gone.example.com'],
  entries: async function* () {
    yield new TextDecoder().decode(request.entries);
  },
  refusedRows: example.refusedRowsExample.map((row) => ({ ...row })),
  ...(request.invalid && { invalid: request.invalid }),
};

function read(kind: 'scan' | 'plan') {
  const body = new TextEncoder().encode(JSON.stringify(example.scanRequestExample));
  const intake = readScanRequest(body, { kind, maxTargets: 1_000, allowSingleLabel: false });
  if (!intake.ok || 'plan' in intake) throw new Error(JSON.stringify(intake));
  return intake.request;
}

function progress(state: Progress['state'], more: Partial<Progress> = {}): Progress {
  const summary = state === 'dispatching' ? example.summary : example.planningSummary;
  return { ...details, id: example.SUBMISSION, state, summary, total: summary.sent_to_scan, ...more };
}

it('the numbers add up', () => {
  const { summary, planningSummary } = example;
  for (const { provided, duplicates_removed, refused } of [summary, planningSummary])
    expect([provided, duplicates_removed, refused.other]).toEqual([
      request.provided,
      request.duplicatesRemoved,
      request.invalid?.total,
    ]);
  const sizes = outcome.refused.map(({ reason, set }) => [reason, Number(count(set))] as const);
  expect(summary.refused).toMatchObject({ ...Object.fromEntries(sizes), unresolvable: 1 });
  expect(summary.sent_to_scan).toBe(Number(count(outcome.accepted)));
  for (const { resolved_ips, sent_to_scan, refused } of [summary, details.summary]) {
    const { other, unresolvable, ...ofAddresses } = refused;
    expect(Object.values(ofAddresses).reduce((sum, size) => sum + size, sent_to_scan)).toBe(resolved_ips);
  }
  const { total, done, dropped, stopped, remaining } = details.progress;
  expect(done + dropped + stopped + remaining).toBe(total);
  expect(total).toBe(details.summary.sent_to_scan);
});

it('the scan is what run-nmap answers', async () => {
  const { warnings = [] } = request;
  expect(await json(scanAnswer(progress('dispatching'), outcome, warnings))).toEqual(
    example.scanAnswerExample,
  );
  expect(numbersOnly(progress('planning'), warnings, request.invalid)).toEqual(example.planningExample);
  const failed = progress('failed', { failure: example.failureExample });
  const submission = submissionLink(failed);
  expect(failureAnswer(failed, { submission })).toMatchObject({ body: example.failedExample });
});

it('the plan is what plan answers', async () => {
  const id = example.PLAN;
  const names = { submitted: knownNames(resolved), excluded: new Map() };
  const { signal } = new AbortController();
  const covered = coveredEntries(request.entries, {});
  const sources = { outcome, resolved, scope: compileScope(rules, names), covered, signal };
  const { warnings = [] } = read('plan');
  expect(await json(planAnswer(progress('dispatching', { id }), sources, warnings))).toEqual(
    planExample.planExample,
  );
  expect(planNumbers(progress('planning', { id }))).toEqual(planExample.planNumbersExample);
  const failed = progress('failed', { id, failure: example.failureExample });
  expect(failureAnswer(failed, planNumbers(failed))).toMatchObject({ body: planExample.planFailedExample });
});

it('the details tell of its options, and when it will end', () => {
  expect(details.options).toEqual({ ...request.options, exclude: request.exclude });
  const firstSentAt = details.times.first_sent_at ?? '';
  const nowMs = Date.parse(firstSentAt) + 779_220;
  expect(estimateOf(details.progress, { firstSentAt }, nowMs)).toEqual(details.estimate);
});
