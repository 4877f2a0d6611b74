/** Requests that nobody should send: each is refused with what is wrong, and none leaves anything behind. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submissionPattern } from '../support/ownKeys.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const BODY_LIMIT = 1024 ** 2;
const path = `/tasks/${randomUUID()}/run-nmap`;

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, MAX_BODY: '1MB', MAX_TARGETS: '10000' });
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

/** Nothing of what was refused may have begun. */
async function expectNothingBegun(): Promise<void> {
  expect(await installation.redis.keys(submissionPattern())).toEqual([]);
  expect((await tasker.get('/health')).body).toEqual({ status: 'ok' });
}

it.each([
  { title: 'cut off', body: '{"hosts": ["9.9.9.9"', type: 'json_invalid' },
  { title: 'no JSON', body: 'hosts=9.9.9.9', type: 'json_invalid' },
  { title: 'empty', body: '', type: 'missing' },
  { title: 'a list', body: '["9.9.9.9"]', type: 'model_attributes_type' },
])('a body that is $title: 422', async ({ body, type }) => {
  const answer = await tasker.post(path, body);
  expect(answer.status).toBe(422);
  expect(answer.body.detail).toMatchObject([{ type }]);
  expect(answer.body.detail[0].loc[0]).toBe('body');
  await expectNothingBegun();
});

it('a body that is too large: 413 with the limit', async () => {
  const hosts = Array.from({ length: 100_000 }, (_, index) => `host-${index}.test`);
  const answer = await tasker.post(path, scan(hosts));
  expect(answer.status).toBe(413);
  expect(answer.body.detail).toContain(String(BODY_LIMIT));
  await expectNothingBegun();
});

it('too many targets: 422 with their number and the limit', async () => {
  const answer = await tasker.post(path, scan(['11.1.0.0/19', '11.1.0.0/24', '11.2.0.0/20', '9.9.9.9']));
  expect(answer.status).toBe(422);
  expect(answer.body.detail).toMatchObject([{ type: 'too_many_targets', loc: ['body', 'hosts'] }]);
  // What two networks have in common counts once.
  expect(answer.body.detail[0].msg).toMatch(/\b12285 targets\b.*\b10000\b/);
  await expectNothingBegun();
});

it('5,000 bad entries among good ones: all counted, 1,000 listed, each by its place', async () => {
  const hosts = Array.from({ length: 10_000 }, (_, index) =>
    index % 2 === 0 ? `9.9.${index >> 8}.${index & 255}` : `999.9.9.${index}`,
  );
  const answer = await tasker.post(path, scan(hosts));
  expect(answer.status).toBe(422);
  expect(answer.body.errors_total).toBe(5_000);
  expect(answer.body.detail.length).toBe(1_000);
  expect(answer.body.detail.at(-1)).toMatchObject({
    loc: ['body', 'hosts', 1_999],
    input: '999.9.9.1999',
    type: 'value_error',
  });
  await expectNothingBegun();
});

it('attacks in a few characters: refused with the number, and nothing is built for them', async () => {
  const lists = Array.from({ length: 500 }, (_, i) => `${i % 250}.*.*.${i < 250 ? 1 : '3,5'}`);
  for (const [hosts, msg] of [
    [['0.0.0.0/0'], /4294967294 targets/],
    [['::/0'], /340282366920938463463374607431768211456 targets/],
    [lists, /separate/],
    [['1,'.repeat(400_000)], /longer than 4096/],
    [['a'.repeat(900_000)], /longer than 4096/],
    [[`${'a.'.repeat(126)}te`], /longer than 253/],
  ] as const) {
    const answer = await tasker.post(path, scan([...hosts]));
    expect(answer.status).toBe(422);
    expect(answer.body.detail[0].msg).toMatch(msg);
  }
  await expectNothingBegun();
});

it('on_invalid skip: a pasted file with two bad lines is scanned without these lines, and all they hold is named', async () => {
  const file = '\ufeff# scope\r\n9.9.9.9\r\n9.9.9.10-11, 010.0.0.1\r\n\r\nhttp://a.test/x\r\n';
  const answer = await tasker.post(path, scan([file], { on_invalid: 'skip' }));
  expect(answer.status).toBe(200);
  expect(answer.body.summary).toMatchObject({ provided: 4, sent_to_scan: 1, refused: { other: 3 } });
  expect(answer.body.invalid_entries).toMatchObject([
    { loc: ['body', 'hosts', 0], input: '9.9.9.10-11', line: 3, column: 1, type: 'line_left_out' },
    { loc: ['body', 'hosts', 0], input: '010.0.0.1', line: 3, column: 14 },
    { loc: ['body', 'hosts', 0], input: 'http://a.test/x', line: 5, column: 1 },
  ]);
  const nothing = await tasker.post(path, scan(['8.8.8.300'], { on_invalid: 'skip' }));
  expect(nothing.status).toBe(200);
  expect(nothing.body.summary).toMatchObject({ provided: 1, sent_to_scan: 0, refused: { other: 1 } });
  const refused = await tasker.post(path, scan([file]));
  expect(refused.status).toBe(422);
  expect(refused.body.detail[1].msg).toContain('did you mean a.test? (line 5, column 1)');
});

// The last one: it shuts out the address that all tests call from.
it('wrong tokens: 401 sixty times, then 429; the right one and other routes go on', async () => {
  for (let index = 0; index < 60; index++)
    expect((await tasker.get('/workers/ips', `wrong-${index}`)).status).toBe(401);
  const { status, body, headers } = await tasker.get('/workers/ips', 'wrong-again');
  expect(status).toBe(429);
  expect(body.detail).toMatch(/Too many failed logins/);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await tasker.get('/workers/ips')).status).toBe(200);
  expect((await tasker.get('/health')).status).toBe(200);
});
