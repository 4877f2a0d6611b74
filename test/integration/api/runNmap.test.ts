import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submissionBody } from '../../../src/api/submissions/submissionBody.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { call, SCAN, scan, type TestServer } from '../../support/client.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

describe('the body', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer({ config: { maxBodyBytes: 2 * 1024 * 1024 } });
  });
  afterAll(() => server.close());

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/vnd.api+json',
    'APPLICATION/JSON',
  ])('may be %s', async (type) => {
    expect((await scan(server, SCAN, TOKENS.alice, { 'content-type': type })).status).toBe(200);
  });

  it('may say no type at all', async () => {
    const path = `${server.url}/tasks/${PROJECT}/run-nmap`;
    const answer = await call(path, {
      method: 'POST',
      headers: bearer(TOKENS.alice),
      body: JSON.stringify(SCAN),
    });
    expect(answer.status).toBe(200);
  });

  it('is refused as anything else', async () => {
    const { status, body } = await scan(server, SCAN, TOKENS.alice, { 'content-type': 'text/plain' });
    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body']);
  });

  it('has a limit, and the answer names it', async () => {
    const { status, body } = await scan(server, ' '.repeat(2 * 1024 * 1024 + 1));
    expect(status).toBe(413);
    expect(body.detail).toContain('2097152');
  });

  it('is read in a worker thread when it is big', async () => {
    const hosts = Array.from({ length: 60_000 }, (_, i) => `11.0.${i >> 8}.${i & 255}`);
    expect((await scan(server, { ...SCAN, hosts })).status).toBe(200);
    const { status, body } = await scan(server, { ...SCAN, hosts: hosts.map((host) => `${host}:80`) });
    expect(status).toBe(422);
    expect(body.detail).toHaveLength(1_000);
    expect(body.errors_total).toBe(60_000);
  });
});

const WARNING = {
  code: 'unknown_field',
  message: 'colour is not known and ignored',
  loc: ['body', 'colour'],
};

describe('what becomes of a submission', () => {
  const answerIn = async (parts: Parameters<typeof flowsWith>[0]) => {
    const server = await testServer({ flows: flowsWith(parts) });
    try {
      return { ...(await scan(server)), lines: server.lines };
    } finally {
      await server.close();
    }
  };
  const href = `/tasks/${PROJECT}/submissions/${PLANNED.id}`;

  it('a planned one is a 200', async () => {
    const { status, body } = await answerIn({ warnings: async () => [WARNING] });
    expect(status).toBe(200);
    expect(body.warnings).toEqual([WARNING]);
    expect(body.submission).toEqual({ id: PLANNED.id, state: 'dispatching', href });
  });

  it('one that is still planned at the deadline is a 202 with the numbers so far', async () => {
    const { status, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'planning' }),
      warnings: async () => [WARNING],
    });
    expect(status).toBe(202);
    expect(Object.keys(body)).toEqual([
      ...['summary', 'prepared_targets', 'input_to_scan', 'warnings', 'submission'],
    ]);
    expect(body).toMatchObject({
      prepared_targets: {},
      input_to_scan: [],
      warnings: [WARNING],
      submission: { state: 'planning', href },
    });
  });

  it('one that is held up by somebody is a 202 that says why', async () => {
    const paused = 'the queue resolve is paused on the board';
    const { status, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'planning', paused }),
    });
    expect(status).toBe(202);
    expect(body.submission).toEqual({ id: PLANNED.id, state: 'planning', href, paused });
  });

  it('one of which a stage gave up is a 503 that says which and why', async () => {
    const failure = { stage: 'dedup' as const, reason: 'the ledger refuses the token', byScope: false };
    const { status, headers, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'failed', failure }),
    });
    expect(status).toBe(503);
    expect(headers['retry-after']).toBeDefined();
    expect(body.detail).toBe('dedup gave up: the ledger refuses the token; the submission waits for a retry');
    expect(body).toMatchObject({ code: 'stage_gave_up', submission: { state: 'failed', href } });
  });

  it.each([
    ['scope_refused', {}],
    ['scope_changed', { scopeChanged: true }],
  ] as const)('the scope rules refuse it: 422, %s', async (code, changed) => {
    const failure = { stage: 'dedup' as const, reason: 'a rule says no', byScope: true, ...changed };
    const { status, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'failed', failure }),
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      detail: [{ type: 'scope', msg: 'a rule says no' }],
      code,
      submission: { href },
    });
  });

  it('one that is stopped meanwhile is a 409', async () => {
    const { status, body } = await answerIn({ untilPlanned: async () => ({ ...PLANNED, state: 'stopped' }) });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'scan_stopped', submission: { state: 'stopped', href } });
  });

  it('a Redis that is away is a 503 that names it', async () => {
    const { status, headers, body } = await answerIn({
      submit: async () => {
        throw new ServiceUnavailableError('redis', 'redis does not answer within 1000 ms');
      },
    });
    expect(status).toBe(503);
    expect(headers['retry-after']).toBeDefined();
    expect(body).toEqual({ detail: 'redis does not answer within 1000 ms', code: 'redis_away' });
  });

  it('a defect is a 500 with the id to look for, and the stack in the log', async () => {
    const { status, headers, body, lines } = await answerIn({
      submit: async () => {
        throw new Error('boom');
      },
    });
    expect(status).toBe(500);
    const request_id = headers['x-request-id'];
    expect(body).toEqual({ detail: 'Internal Server Error', code: 'internal_error', request_id });
    expect(lines.join('')).toMatch(/boom.*runNmap\.test\.ts/);
  });

  it('is told again to those who may see its project', async () => {
    const server = await testServer();
    try {
      const headers = bearer(TOKENS.alice);
      expect((await call(`${server.url}${href}`, { headers })).body).toMatchObject(submissionBody(PLANNED));
      expect((await call(`${server.url}${href}x`, { headers })).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});
