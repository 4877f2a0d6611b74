import { expect, it } from 'vitest';
import { answerToError, invalid, methodNotAllowed, unauthorized } from '../../src/api/http/httpErrors.ts';
import { shown } from '../../src/api/http/validationErrors.ts';
import { BusyError, ServiceUnavailableError } from '../../src/runtime/errors.ts';

it('tells what is away, and when to come back', () => {
  const { answer, defect } = answerToError(new ServiceUnavailableError('redis', 'connection refused'), 'r1');
  expect(defect).toBe(false);
  expect(answer).toMatchObject({
    status: 503,
    body: { detail: 'redis does not answer: connection refused' },
    headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
  });
});

it('blames nobody for what only takes its time', () => {
  const { answer, defect } = answerToError(new BusyError('another stop is under way'), 'r1');
  expect(defect).toBe(false);
  expect(answer).toMatchObject({
    status: 503,
    body: { detail: 'another stop is under way' },
    headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
  });
});

it('tells nothing of a defect but where to find it', () => {
  const { answer, defect } = answerToError(new Error('secret'), 'r1');
  expect(defect).toBe(true);
  expect(answer).toEqual({ status: 500, body: { detail: 'Internal Server Error', request_id: 'r1' } });
});

it('challenges those it does not know', () => {
  expect(unauthorized()).toEqual({
    status: 401,
    body: { detail: 'Invalid authentication credentials' },
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
});

it('says which methods a path has', () => {
  expect(methodNotAllowed(['GET'])).toMatchObject({ status: 405, headers: { Allow: 'GET' } });
});

it('counts problems only when not all are listed', () => {
  const problem = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  expect(invalid([problem])).toEqual({ status: 422, body: { detail: [problem] } });
  expect(invalid([problem], 5)).toEqual({ status: 422, body: { detail: [problem], errors_total: 5 } });
});

it('shows inputs briefly', () => {
  expect(shown('x'.repeat(500))).toHaveLength(100);
  expect(shown([1, 2])).toBe('[list of 2]');
  expect(shown({ a: 1 })).toBe('{object}');
  expect(shown(null)).toBeNull();
  expect(shown(7)).toBe(7);
});
