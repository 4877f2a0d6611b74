import { expect, it } from 'vitest';
import { answerToError, invalid, methodNotAllowed, unauthorized } from '../../../src/api/http/httpErrors.ts';
import { shown } from '../../../src/api/http/validationErrors.ts';
import { BusyError, ServiceUnavailableError } from '../../../src/runtime/errors.ts';

it('an error tells what is away, and when to come back', () => {
  const answer = answerToError(new ServiceUnavailableError('redis', 'connection refused'), 'r1');
  expect(answer).toMatchObject({
    status: 503,
    body: { detail: 'redis does not answer: connection refused', code: 'redis_away' },
    headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
  });
});

it('an error blames nobody for what only takes its time', () => {
  const answer = answerToError(new BusyError('another stop is under way'), 'r1');
  expect(answer).toMatchObject({
    status: 503,
    body: { detail: 'another stop is under way', code: 'busy' },
    headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
  });
});

it('an error tells nothing of a defect but where to find it', () => {
  const answer = answerToError(new Error('secret'), 'r1');
  const body = { detail: 'Internal Server Error', code: 'internal_error', request_id: 'r1' };
  expect(answer).toEqual({ status: 500, headers: {}, body });
});

it('an answer to strangers challenges them', () => {
  expect(unauthorized()).toEqual({
    status: 401,
    body: { detail: 'Invalid authentication credentials', code: 'invalid_credentials' },
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
});

it('a wrong method is answered with those that the path has', () => {
  expect(methodNotAllowed(['GET'])).toMatchObject({ status: 405, headers: { Allow: 'GET' } });
});

it('problems are counted only when not all are listed', () => {
  const problem = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  const body = { detail: [problem], code: 'invalid_request' };
  expect(invalid([problem])).toEqual({ status: 422, headers: {}, body });
  expect(invalid([problem], 5)).toEqual({ status: 422, headers: {}, body: { ...body, errors_total: 5 } });
});

it.each([
  ['invalid_entry', [['hosts', 0]]],
  [
    'invalid_entry',
    [
      ['hosts', 0],
      ['exclude', 2],
    ],
  ],
  ['invalid_request', [['hosts', 0], ['mode']]],
  ['invalid_request', [['hosts', 0, 'until']]],
  ['invalid_request', [['hosts']]],
  ['invalid_request', [['open_ports_opts', 'ports', 0]]],
] as const)('says by its code whether entries alone are wrong: %s %j', (code, places) => {
  const detail = places.map((place) => ({
    type: 'value_error',
    loc: ['body', ...place],
    msg: 'wrong',
    input: null,
  }));
  expect(invalid(detail).body.code).toBe(code);
});

it('says by its code that the body is no JSON', () => {
  const problem = { type: 'json_invalid', loc: ['body', 7], msg: 'JSON decode error', input: null };
  expect(invalid([problem]).body.code).toBe('invalid_json');
});

it('has a code for each service that may be away', () => {
  const services = ['redis', 'rabbitmq', 'ledger', 'auth store', 'dns', 'exclusions file'] as const;
  const codes = services.map((service) => {
    const answer = answerToError(new ServiceUnavailableError(service, 'connection refused'), 'r1');
    return answer.body.code;
  });
  expect(codes).toEqual([
    ...['redis_away', 'rabbitmq_away', 'ledger_away', 'auth_store_away', 'dns_away'],
    'exclusions_file_unreadable',
  ]);
});

it('calls whatever Express finds wrong with a request a bad request', () => {
  const answer = answerToError(Object.assign(new Error('URI malformed'), { status: 416 }), 'r1');
  expect(answer).toMatchObject({ status: 400, body: { detail: 'Bad Request', code: 'bad_request' } });
});

it('inputs are shown briefly', () => {
  expect(shown('x'.repeat(500))).toHaveLength(100);
  expect(shown([1, 2])).toBe('[list of 2]');
  expect(shown({ a: 1 })).toBe('{object}');
  expect(shown(null)).toBeNull();
  expect(shown(7)).toBe(7);
});
