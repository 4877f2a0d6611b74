import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameOrigin } from '../../../src/api/auth/origin.ts';
import { BOARD_ROUTES } from '../../../src/api/board/routes.ts';
import { boardAction } from '../../../src/api/board/rules.ts';

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
    ['PUT', '/api/queues/split/clean/retry'],
    ['PUT', '/api/queues/split/CLEAN/retry'],
    ['PUT', '/api/queues/split/Clean/retry'],
    ['PUT', '/api/queues/split/clean/retry/'],
    ['PUT', '/api/queues/split/retry/retry'],
    ['PUT', '/api/queues/split/PAUSE'],
    ['PUT', '/api/queues/split/1/RETRY'],
    ['PUT', '/api/queues/split/retry/FAILED'],
    ['PUT', '/api/queues/split/rate-limit'],
    ['PUT', '/api/queues/split/job-schedulers/retry/run'],
    ['PUT', '/static/main.js'],
    ['OPTIONS', '/api/queues'],
    ['PROPFIND', '/'],
    ['GET', '/api/nothing'],
    ['GET', '/api/queues/'],
    ['GET', '/API/queues'],
    ['GET', '/api/queues/split/1/2/3'],
    ['GET', '/static/../../package.json'],
    ['GET', '/static/..'],
    ['GET', '/static/a%2f..%2fb'],
    ['PATCH', '/api/queues/split/1/update-data'],
    ['POST', '/api/queues/split/add'],
    ['DELETE', '/api/queues/split/1/retry'],
    ['PUT', '/api/queues/%zz/empty'],
  ])('not %s %s', (method, path) => {
    expect(boardAction(method, path).allowed).toBe(false);
  });
});

describe('what the board may read', () => {
  it.each([
    ...['/', '/queue/split', '/queue/split/a%20b', '/job-schedulers', '/api/queues', '/api/queues/split/abc'],
    ...['/api/queues/split/abc/flow', '/api/redis/stats', '/static/js/main.1b2c.js', '/static/favicon.ico'],
  ])('%s', (path) => {
    expect(boardAction('GET', path)).toMatchObject({ allowed: true });
    expect(boardAction('HEAD', path)).toMatchObject({ allowed: true });
    expect(boardAction('PUT', path)).toMatchObject({ allowed: false });
  });
});

describe('the routes', () => {
  const board = createRequire(import.meta.url)(
    join(dirname(createRequire(import.meta.url).resolve('@bull-board/api')), 'routes.js'),
  ).appRoutes as Record<'entryPoint', { route: string[] }> &
    Record<'api', { method: string | string[]; route: string | string[] }[]>;
  const flat = <T>(one: T | T[]): T[] => (Array.isArray(one) ? one : [one]);

  it('are those of the board, in its order', () => {
    const api = board.api.flatMap(({ method, route }) =>
      flat(method).flatMap((each) => flat(route).map((path) => `${each.toUpperCase()} ${path}`)),
    );
    const pages = board.entryPoint.route.map((path) => `GET ${path}`);
    expect(BOARD_ROUTES.map(({ method, route }) => `${method} ${route}`)).toEqual([...pages, ...api]);
  });

  it('let a change through only where the board itself would take it for the same', () => {
    const words = BOARD_ROUTES.flatMap(({ route }) => route.split('/')).filter((word) => /^[a-z]/.test(word));
    const segment = fc.oneof(
      fc.constantFrom(...words, 'failed', 'completed', 'split', '1'),
      fc.constantFrom(...words).map((word) => word.toUpperCase()),
      fc.webSegment(),
    );
    const path = fc.array(segment, { maxLength: 4 }).map((parts) => ['/api/queues', ...parts].join('/'));
    const changing = BOARD_ROUTES.filter(({ method }) => method === 'PUT');
    const asRegExp = (route: string) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}/?$`, 'i');
    const open = /\/(?:pause|resume|retry\/:queueStatus|:jobId\/retry)$/;
    fc.assert(
      fc.property(path, (asked) => {
        const first = changing.find(({ route }) => asRegExp(route).test(asked));
        if (boardAction('PUT', asked).allowed) expect(first?.route).toMatch(open);
      }),
      { numRuns: 5_000 },
    );
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
