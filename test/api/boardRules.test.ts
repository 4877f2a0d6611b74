import { describe, expect, it } from 'vitest';
import { boardAction, isSameOrigin } from '../../src/api/boardRules.ts';

describe('what the board may change', () => {
  it.each([
    ['/api/queues/pause', { action: 'pause all' }],
    ['/api/queues/split/pause', { action: 'pause', queue: 'split' }],
    ['/api/queues/split/resume', { action: 'resume', queue: 'split' }],
    ['/api/queues/split/retry/failed', { action: 'retry all failed', queue: 'split' }],
    ['/api/queues/split/a%20b/retry', { action: 'retry', queue: 'split', job: 'a b' }],
  ])('%s', (path, expected) => {
    expect(boardAction('PUT', path)).toEqual({ ...expected, allowed: true });
  });

  it.each([
    ['PUT', '/api/queues/split/empty'],
    ['PUT', '/api/queues/split/obliterate'],
    ['PUT', '/api/queues/split/clean/failed'],
    ['PUT', '/api/queues/split/promote'],
    ['PUT', '/api/queues/split/retry/completed'],
    ['PUT', '/api/queues/split/1/clean'],
    ['PUT', '/api/queues/split/1/promote'],
    ['PUT', '/api/queues/split/1/remove-unprocessed-children'],
    ['PUT', '/api/queues/split/1/retry/'],
    ['PUT', '/API/queues/split/1/clean'],
    ['PATCH', '/api/queues/split/1/update-data'],
    ['POST', '/api/queues/split/add'],
    ['DELETE', '/api/queues/split/1/retry'],
    ['PUT', '/api/queues/%zz/empty'],
  ])('not %s %s', (method, path) => {
    expect(boardAction(method, path).allowed).toBe(false);
  });
});

describe('where a call comes from', () => {
  const host = 'tasker.test:8001';
  it.each([
    {},
    { origin: `https://${host}` },
    { 'sec-fetch-site': 'same-origin', origin: `https://${host}` },
  ])('the same site: %j', (headers) => {
    expect(isSameOrigin({ host, ...headers })).toBe(true);
  });

  it.each([
    { origin: 'https://evil.test' },
    { origin: 'https://tasker.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: `https://${host}` },
  ])('another site: %j', (headers) => {
    expect(isSameOrigin({ host, ...headers })).toBe(false);
  });
});
