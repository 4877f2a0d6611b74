/** Whatever comes from outside, in the path, behind the `?` or in the body, is answered and never a defect of ours. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newExclusionsExample } from '../../src/api/exclusions/examples.ts';
import type { ErrorCode } from '../../src/api/http/errorCodes.ts';
import type { Route } from '../../src/api/http/route.ts';
import { codesOf } from '../../src/api/openapi/errorResponses.ts';
import { scanRequestExample } from '../../src/api/openapi/examples.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { brokenRule } from '../support/answerRules.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../support/tasker.ts';

const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: '127.0.0.1:9', RESPONSE_DEADLINE: '1' });
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

/** As it is, without what `fetch` would mend. */
function send(method: string, path: string, body = ''): Promise<{ status: number; answer: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const { port } = new URL(tasker.url);
    const asked = request(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      async (response) => {
        resolve({ status: response.statusCode ?? 0, answer: await text(response) });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const isHtml = (answer: string) => answer.startsWith('<!doctype');
/** Of a path that belongs to no route, or to another one than was meant. */
const LOST: readonly ErrorCode[] = ['unknown_path', 'method_not_allowed', 'bad_request'];

async function expectNoDefect(route: Route, path: string, body?: string): Promise<void> {
  const { status, answer } = await send(route.method, path, body);
  const what = `${route.method} ${path} ${body}: ${answer}`;
  expect([200, 202, 400, 404, 405, 409, 422, 503], what).toContain(status);
  const told = isHtml(answer) ? {} : JSON.parse(answer);
  expect(brokenRule(status, told), what).toBeUndefined();
  if (status >= 400) expect([...LOST, ...codesOf(route)], what).toContain(told.code);
}

function routeAt(method: string, name: string): Route {
  const route = ROUTES.find((each) => each.method === method && each.path.endsWith(`/${name}`));
  if (route === undefined) throw new Error(`there is no ${method} ${name}`);
  return route;
}

const cursor = fc
  .tuple(
    fc.constantFrom('accepted', 'names', 'other', PROJECT, 'constructor', ''),
    fc.constantFrom('0', '1', '999999', '9007199254740991', '9007199254740992', '-1', '1e9', '9'.repeat(20)),
  )
  .map((parts) => Buffer.from(parts.join(':')).toString('base64url'));

const odd = fc.oneof(
  cursor,
  fc.constantFrom(
    ...['', ' ', '0', '-0', '-1', '1.5', '1e3', '1e400', 'Infinity', 'NaN', '0x10', '9'.repeat(400), '٣'],
    ...['null', 'true', '[]', '{}', '__proto__', 'constructor', 'toString', '\u0000', '\ud800', '%', '%zz'],
    ...['8.8.8.8', '::1', '8.8.8.0/24', 'a.test', 'xn--a', 'xn--', '*.test', '*', '.', '-', 'ß.test'],
    ...['2027-01-31', '2027-02-30', '2027-01-31T18:00+02', '2027-01-31T18:00', '+275760-09-13', '0000-00-00'],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const encoded = odd.map((value) => encodeURIComponent(Buffer.from(value).toString()));
/** A text in the path: encoded, or broken. */
const segment = fc.oneof(
  { weight: 8, arbitrary: encoded },
  { weight: 1, arbitrary: fc.constantFrom('%E0%A4%A', '%ff', '%00', '..', 'a%2fb', 'x'.repeat(3_000)) },
);

/** One stops everything, the other has no end. */
const plain = ROUTES.filter(({ path }) => !path.endsWith('/stop-nmap') && path !== '/events');

it('nothing in the path is a defect', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...plain),
      fc.array(segment, { minLength: 3 }),
      async (route, segments) => {
        let next = 0;
        const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name) => {
          const own = segments[next++ % segments.length] ?? '';
          return name === 'project_id' && own.length % 3 !== 0 ? PROJECT : own;
        });
        await expectNoDefect(route, path, '{}');
      },
    ),
    { numRuns: 250 },
  );
});

it('nothing behind the question mark is a defect', async () => {
  const names = fc.constantFrom('limit', 'cursor', 'state', 'reason', 'target', 'exclude', '__proto__', 'x');
  const pair = fc.oneof(
    fc.tuple(names, encoded).map(([name, value]) => `${name}=${value}`),
    fc.constantFrom('limit', 'limit[]=1', 'cursor[a]=b', '&&', '=', '%', 'target=%ff', 'limit=1&limit=x'),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...plain), fc.array(pair, { maxLength: 3 }), async (route, pairs) => {
      const path = route.path.replaceAll(/\{\w+\}/g, PROJECT);
      await expectNoDefect(route, `${path}?${pairs.join('&')}`, '{}');
    }),
    { numRuns: 600 },
  );
});

/** A valid body of which one value, at any depth, is another one. */
function mutated(body: object, path: readonly string[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(body));
  let at = copy;
  for (const [index, step] of path.entries()) {
    if (typeof at !== 'object' || at === null) break;
    const keys = Object.keys(at);
    const key = keys[Number(step) % Math.max(1, keys.length)] ?? step;
    if (index === path.length - 1 || typeof Reflect.get(at, key) !== 'object') {
      Reflect.set(at, key, value);
      break;
    }
    at = Reflect.get(at, key);
  }
  return copy;
}

const value = fc.oneof(
  odd,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER + 1, [], {}, [[]], [null]),
  fc.jsonValue({ maxDepth: 2 }),
);
const whole = fc.oneof(
  fc.jsonValue().map((json) => JSON.stringify(json)),
  fc.constantFrom('', 'null', '{', `{"timeout":1e999}`, '['.repeat(20_000), `{"a":${'['.repeat(9_000)}1`),
  // Deep enough for any recursion, in place and in a worker thread.
  fc
    .tuple(
      fc.constantFrom('hosts', 'exclude', 'mode', 'plan', 'service_opts', 'x'),
      fc.constantFrom(9_000, 90_000),
    )
    .map(([name, depth]) => `{"${name}":${'['.repeat(depth)}${']'.repeat(depth)}}`),
);

it('nothing in the body is a defect', async () => {
  const scanRoutes = ['run-nmap', 'plan'].map((name) => ['POST', name, scanRequestExample] as const);
  const exclusionRoutes = (['POST', 'PUT', 'DELETE'] as const).map(
    (method) => [method, 'exclusions', newExclusionsExample] as const,
  );
  const step = fc.nat({ max: 20 }).map(String);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...scanRoutes, ...exclusionRoutes),
      fc.array(step, { minLength: 1, maxLength: 3 }),
      value,
      fc.option(whole, { freq: 6 }),
      async ([method, name, example], path, other, raw) => {
        const body = raw ?? JSON.stringify(mutated({ ...example, on_invalid: undefined }, path, other));
        await expectNoDefect(routeAt(method, name), `/tasks/${PROJECT}/${name}`, body);
      },
    ),
    { numRuns: 600 },
  );
});

it('nothing is a defect as the end of an exclusion', async () => {
  const part = (...texts: string[]) => fc.constantFrom(...texts);
  const moment = fc
    .tuple(
      part('2031-01-31', '2031-02-30', '2031-1-1', '2031-W05-1', '2031-031', '2031-01', '2031', '9999-12-31'),
      part('', 'T18', 'T18:00', 'T18:00:00', 'T18:00:00.5', 'T1800', ' 18:00', 'T24:00', 'T18:00:60'),
      part('', 'Z', 'z', '+02', '+0200', '+02:00', '-23:59', '+24', ' UTC'),
    )
    .map((parts) => parts.join(''));
  const until = fc.oneof({ weight: 4, arbitrary: moment }, odd);
  await fc.assert(
    fc.asyncProperty(until, until, async (own, common) => {
      const hosts = ['8.8.8.8', { entry: '8.8.4.4', until: own }];
      for (const body of [
        { hosts, why: 'x', until: common },
        { hosts, why: 'x' },
      ])
        await expectNoDefect(
          routeAt('PUT', 'exclusions'),
          `/tasks/${PROJECT}/exclusions`,
          JSON.stringify(body),
        );
    }),
    { numRuns: 200 },
  );
});
