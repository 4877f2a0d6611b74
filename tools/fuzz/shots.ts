/** Requests as they come from nowhere: what the route table asks for, and whatever else, one changed by chance. */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Route } from '../../src/api/http/route.ts';
import { ROUTES } from '../../src/api/routes.ts';

export interface Shot {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  gzip: boolean;
}

export interface Identity {
  member: string;
  admin: string;
  project: string;
  otherProject: string;
}

/** What no answer may keep waiting; longer texts are for the attack, which looks at the memory of each. */
const LONGEST_TEXT = 20_000;

const hosts = fc.oneof(
  fc.constantFrom(
    '8.8.8.8',
    '8.8.8.0/30',
    '9.9.9.1-9.9.9.4',
    'a.good.test',
    'gone.nowhere.test',
    '*.*.1.1',
    '::1',
    '10.0.0.0/8',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.string({ maxLength: 40 }),
);

/** Anything that JSON can say. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hosts },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1e308,
      0.5,
      '',
      [],
      {},
      [[]],
      '\u0000',
      '٣',
      'null',
      '__proto__',
      2 ** 53,
    ),
  },
  { weight: 2, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.array(hosts, { maxLength: 30 }) },
);

const FIELDS = [
  'hosts',
  'exclude',
  'plan',
  'why',
  'until',
  'entry',
  'mode',
  'timeout',
  'open_ports_opts',
  'service_opts',
  'ports',
  'top_ports',
  'port_shards',
  'include_services',
  'single_resolve',
  'ip_version',
  'on_invalid',
  'locked',
  'allow_unresolved_exclusions',
  'constructor',
  '__proto__',
  'toString',
] as const;

/** A body as the documentation shows it, a part of it exchanged, taken away, or doubled. */
function changed(example: object): fc.Arbitrary<string> {
  const paths = pathsIn(example);
  const change = fc.record({ path: fc.constantFrom(...paths), value: junk, drop: fc.boolean() });
  return fc
    .record({
      changes: fc.array(change, { maxLength: 3 }),
      more: fc.dictionary(fc.constantFrom(...FIELDS), junk, { maxKeys: 2 }),
    })
    .map(({ changes, more }) => {
      const body = structuredClone(example);
      for (const { path, value, drop } of changes) put(body, path, drop ? undefined : structuredClone(value));
      // No test calls a host that is not ours: nobody listens there.
      return JSON.stringify({ ...body, ...more }).replaceAll(/https?:\/\//g, 'http://127.0.0.1:9/');
    });
}

function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function put(target: object, path: readonly string[], value: unknown): void {
  let here: unknown = target;
  for (const key of path.slice(0, -1))
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined;
  if (typeof here === 'object' && here !== null) Reflect.set(here, path.at(-1) ?? '', value);
}

const rawBodies = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.constantFrom('', '{', '[', '{"hosts":', '\ufeff{}', '"', '{"a":1}{"a":2}', '{"hosts":[],"hosts":{}}'),
  fc.nat({ max: 2_000 }).map((depth) => '['.repeat(depth)),
  fc
    .record({ text: fc.string({ minLength: 1, maxLength: 10 }), times: fc.nat({ max: LONGEST_TEXT / 10 }) })
    .map(({ text, times }) => JSON.stringify({ hosts: [text.repeat(times)], [text.repeat(times)]: 1 })),
);

function bodyFor({ body, method }: Route): fc.Arbitrary<string | null> {
  const own = body ? changed(body.example) : fc.constant(null);
  const withBody = method === 'GET' ? 1 : 3;
  return fc.oneof({ weight: 10, arbitrary: own }, { weight: withBody, arbitrary: rawBodies });
}

const escaped = fc.string({ maxLength: 20 }).map((text) => encodeURIComponent(text));
const brokenEscapes = fc.constantFrom(
  '%',
  '%zz',
  '%00',
  '%e0%a4%a',
  '..',
  '.',
  '%2e%2e',
  '%2f',
  'a'.repeat(3_000),
);
const idLike = fc.oneof(fc.uuid(), fc.constantFrom(randomUUID(), '0', '1-2'), escaped, brokenEscapes);

function pathFor(route: Route, { project, otherProject }: Identity): fc.Arbitrary<string> {
  const projects = fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .constantFrom(project, project.toUpperCase(), `{${project}}`, project.replaceAll('-', ''))
        .map(encodeURIComponent),
    },
    { weight: 1, arbitrary: fc.constant(otherProject) },
    { weight: 1, arbitrary: idLike },
  );
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = fc.tuple(...names.map((name) => (name === 'project_id' ? projects : idLike)));
  return fc.tuple(values, queryFor(route)).map(([found, query]) => {
    let next = 0;
    return route.path.replaceAll(/\{\w+\}/g, () => found[next++] ?? '') + query;
  });
}

function queryFor({ query }: Route): fc.Arbitrary<string> {
  const known: string[] = query ? Object.keys(query.describe().keys ?? {}) : [];
  const name = fc.constantFrom(...known, 'target', 'limit', 'cursor', 'state', 'token', '__proto__', 'a[b]');
  const value = fc.oneof(
    fc.constantFrom('1', '0', '-1', '200', 'NaN', 'planning', '8.8.8.8', 'a.good.test'),
    escaped,
    brokenEscapes,
  );
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 3 });
  return pairs.map((list) => (list.length === 0 ? '' : `?${list.map((pair) => pair.join('=')).join('&')}`));
}

const oddHeaders = fc.dictionary(
  fc.constantFrom(
    'accept',
    'content-type',
    'x-request-id',
    'x-forwarded-for',
    'content-encoding',
    'if-none-match',
    'range',
    'cookie',
    'origin',
    'accept-encoding',
  ),
  fc.oneof(
    fc.constantFrom(
      'text/csv',
      'application/x-ndjson',
      '*/*',
      'text/html',
      'application/json; charset=utf-16',
      'br',
      'deflate',
      'identity',
      '127.0.0.1',
      'bytes=0-1',
    ),
    fc.string({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, 'x')),
  ),
  { maxKeys: 2 },
);

function headersFor({ member, admin }: Identity): fc.Arbitrary<Record<string, string>> {
  const token = fc.oneof(
    { weight: 60, arbitrary: fc.constant(`Bearer ${member}`) },
    { weight: 6, arbitrary: fc.constant(`bearer ${admin}`) },
    { weight: 1, arbitrary: fc.constantFrom('', 'Bearer', 'Bearer x', 'Basic eDp5', 'Negotiate') },
  );
  return fc
    .record({
      token,
      odd: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
    })
    .map(({ token: authorization, odd }) => ({
      'content-type': 'application/json',
      ...odd,
      ...(authorization && { authorization }),
    }));
}

/** Not among the routes; a change through the board could pause everything, and then everything waits. */
const ELSEWHERE = [
  '/board',
  '/board/api/queues',
  '/board/api/queues?activeQueue=split&status=failed',
  '/docs',
  '/openapi.json',
  '/',
  '/nothing',
  '//',
  '/TASKS',
];

/** A stop asks RabbitMQ and the workers, one after the other: more of them only make all others wait. */
const COSTLY = '/stop-nmap';

/** Any request to any route. */
export function shots(identity: Identity): fc.Arbitrary<Shot> {
  const gzip = fc.nat({ max: 40 }).map((nth) => nth === 0);
  const headers = headersFor(identity);
  const toRoute = ROUTES.map((route) => {
    const method = fc.oneof(
      { weight: 15, arbitrary: fc.constant<string>(route.method) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH') },
    );
    const shot = fc.record({ method, path: pathFor(route, identity), headers, body: bodyFor(route), gzip });
    return { weight: route.path.endsWith(COSTLY) ? 1 : 20, arbitrary: shot };
  });
  const toNowhere = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'OPTIONS'),
    path: fc.oneof(
      fc.constantFrom(...ELSEWHERE),
      escaped.map((text) => `/${text}`),
    ),
    headers,
    body: fc.constant(null),
    gzip: fc.constant(false),
  });
  return fc.oneof(...toRoute, { weight: 20, arbitrary: toNowhere });
}

/** What goes over the wire. */
export function bytesOf({ body, gzip }: Shot): Buffer | null {
  if (body === null) return null;
  return gzip ? gzipSync(body) : Buffer.from(body);
}

/** A request as somebody can send it again. */
export function reproduction(shot: Shot): string {
  return JSON.stringify({
    ...shot,
    headers: { ...shot.headers, ...(shot.gzip && { 'content-encoding': 'gzip' }) },
  });
}
