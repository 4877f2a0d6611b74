import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/adapters/submissions/submissionView.ts';
import { LISTED_TARGETS, SAMPLED_TARGETS, scanAnswer } from '../../../src/api/scans/scanAnswer.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import { EMPTY } from '../../../src/targets/sets/addressSet.ts';
import { SCAN } from '../../support/client.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

/** A text of entries as an outcome reads it. */
const linesOf = (text: string) =>
  async function* () {
    yield text;
  };
const setOf = (...entries: string[]) => expandEntries(entries).set;

const OUTCOME: Outcome = {
  accepted: setOf('8.8.8.0/30', '9.9.9.9', '2600::1'),
  refused: [
    { reason: 'private_ip', set: setOf('10.0.0.1') },
    { reason: 'forbidden', set: setOf('1.1.1.1') },
  ],
  hostnames: new Map([
    ['9.9.9.9', '["a.test","b.test"]'],
    ['2600::1', '["a.test"]'],
    ['10.0.0.1', '["b.test"]'],
  ]),
  refusedRows: [],
  unresolvable: ['gone.test'],
  entries: linesOf(
    ['A.test', '8.8.8.3/30', '9.9.9.9', '1.1.1.1', '1.1.1.0/30', 'gone.test', 'b.test', '8.8.8.1'].join('\n'),
  ),
};

const WARNINGS = [
  { code: 'unknown_field', message: 'colour is not known and ignored', loc: ['body', 'colour'] },
];

async function written(outcome: Outcome): Promise<string> {
  let text = '';
  for await (const piece of scanAnswer(PLANNED, outcome, WARNINGS)) text += piece;
  return text;
}

it('the answer lists what was found in the order that callers know', async () => {
  const text = await written(OUTCOME);
  const answer = JSON.parse(text);
  expect(Object.keys(answer)).toEqual([
    ...['summary', 'prepared_targets', 'input_to_scan', 'refused_detail', 'warnings', 'submission'],
  ]);
  expect(answer.warnings).toEqual(WARNINGS);
  expect(answer.prepared_targets).toEqual({
    '8.8.8.1': { hostnames: [], valid: true, reason: null },
    '8.8.8.2': { hostnames: [], valid: true, reason: null },
    '9.9.9.9': { hostnames: ['a.test', 'b.test'], valid: true, reason: null },
    '2600::1': { hostnames: ['a.test'], valid: true, reason: null },
    '10.0.0.1': { hostnames: ['b.test'], valid: false, reason: 'private_ip' },
    '1.1.1.1': { hostnames: [], valid: false, reason: 'forbidden' },
    'gone.test': { hostnames: ['gone.test'], valid: false, reason: 'unresolvable' },
  });
  expect(text).toContain('"8.8.8.1":{"hostnames":[],"valid":true,"reason":null}');
});

it('the answer says of each entry what is scanned for it', async () => {
  const answer = JSON.parse(await written(OUTCOME));
  expect(answer.input_to_scan).toEqual([
    { input: 'A.test', scanned_ip: '9.9.9.9', all_hostnames_for_ip: ['a.test', 'b.test'] },
    { input: 'A.test', scanned_ip: '2600::1', all_hostnames_for_ip: ['a.test'] },
    { input: '8.8.8.3/30', scanned_ip: null, all_hostnames_for_ip: [] },
    { input: '9.9.9.9', scanned_ip: '9.9.9.9', all_hostnames_for_ip: ['a.test', 'b.test'] },
    { input: 'b.test', scanned_ip: '9.9.9.9', all_hostnames_for_ip: ['a.test', 'b.test'] },
    { input: '8.8.8.1', scanned_ip: '8.8.8.1', all_hostnames_for_ip: [] },
  ]);
});

it('the answer has entries with their places, in every notation', async () => {
  const entries = '8.8.8.1,2\t0:3:7\n8.8.8.0-8.8.8.9\n8.8.8.0/31\n7.0-255.0.1\n9.9.9.9\t7:1:1';
  const answer = JSON.parse(await written({ ...OUTCOME, entries: linesOf(entries) }));
  expect(
    answer.input_to_scan.map(({ input, scanned_ip }: Record<string, unknown>) => [input, scanned_ip]),
  ).toEqual([
    ['8.8.8.1,2', null],
    ['8.8.8.0-8.8.8.9', null],
    ['8.8.8.0/31', null],
    ['9.9.9.9', '9.9.9.9'],
  ]);
});

it('the answer lists what was skipped, and how many when not all are listed', async () => {
  const bad = { type: 'value_error', loc: ['body', 'hosts', 1], msg: 'it is empty', input: '' };
  const answer = JSON.parse(await written({ ...OUTCOME, invalid: { listed: [bad], total: 1 } }));
  expect(answer.invalid_entries).toEqual([bad]);
  expect(answer).not.toHaveProperty('invalid_entries_total');
  const more = JSON.parse(await written({ ...OUTCOME, invalid: { listed: [bad], total: 7 } }));
  expect(more.invalid_entries_total).toBe(7);
});

it('the answer has the numbers in the order that callers know', async () => {
  const { summary } = JSON.parse(await written({ ...OUTCOME, accepted: EMPTY }));
  expect(Object.keys(summary)).toEqual([
    'provided',
    'duplicates_removed',
    'resolved_ips',
    'hostnames_collapsed_to_ip',
    'refused',
    'sent_to_scan',
  ]);
  expect(Object.keys(summary.refused)).toEqual([
    'already_in_scanledger',
    'already_in_queue',
    'forbidden',
    'private_ip',
    'unresolvable',
    'other',
  ]);
});

/** So many addresses in a row. */
const range = (addresses: number) => ({ v4: [0x0b000000, 0x0b000000 + addresses], v6: [] });

it('the answer lists exactly the limit without a word, and says when there is more', async () => {
  const full = {
    ...OUTCOME,
    accepted: setOf('11.0.0.0/15'),
    refused: [],
    unresolvable: [],
    entries: linesOf(''),
  };
  const exact = JSON.parse(await written({ ...full, accepted: range(LISTED_TARGETS) }));
  expect(Object.keys(exact.prepared_targets)).toHaveLength(LISTED_TARGETS);
  expect(exact).not.toHaveProperty('truncated');
  const more = JSON.parse(await written({ ...full, accepted: range(LISTED_TARGETS + 1) }));
  expect(Object.keys(more.prepared_targets)).toHaveLength(SAMPLED_TARGETS);
  expect(more.truncated).toBe(true);
});

it('the answer is cut as well when the entries are too many', async () => {
  const entries = Array.from({ length: LISTED_TARGETS + 1 }, (_, i) => `11.0.${i >> 8}.${i & 255}/31`).join(
    '\n',
  );
  const answer = JSON.parse(
    await written({ ...OUTCOME, accepted: setOf('11.0.0.0/8'), entries: linesOf(entries) }),
  );
  expect(answer.input_to_scan).toHaveLength(LISTED_TARGETS);
  expect(answer.truncated).toBe(true);
});

it('a long answer is written in many pieces, and others have their turn after each', async () => {
  const outcome = { ...OUTCOME, accepted: range(LISTED_TARGETS), refused: [], unresolvable: [] };
  let pieces = 0;
  for await (const _ of scanAnswer(PLANNED, outcome, WARNINGS)) pieces += 1;
  expect(pieces).toBeGreaterThan(100);
});

it('a caller that hangs up in the middle does no harm', async () => {
  const outcome = async () => ({ ...OUTCOME, accepted: setOf('11.0.0.0/8') });
  const server = await testServer({ flows: flowsWith({ outcome }) });
  try {
    const leaving = new AbortController();
    const response = await fetch(`${server.url}/tasks/${PROJECT}/run-nmap`, {
      method: 'POST',
      headers: { ...bearer(TOKENS.admin), 'content-type': 'application/json' },
      body: JSON.stringify(SCAN),
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(server.lines.join('')).not.toContain('"level":50');
  } finally {
    await server.close();
  }
});
