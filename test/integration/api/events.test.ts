import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { SessionStore } from '../../../src/adapters/sessions/sessionStore.ts';
import { dispatchStatusExample } from '../../../src/api/dispatch/status.ts';
import { scanRowExample } from '../../../src/api/overview/examples.ts';
import type { ScanRow } from '../../../src/queries/overview/scanRow.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { type EventReader, readEvents } from '../../support/eventReader.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { bearer, flowsWith, OTHER_PROJECT, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let redis: Redis;
let server: Awaited<ReturnType<typeof testServer>>;
/** Scans that are not over, by id, and those that are. */
let live: Map<string, ScanRow>;
let over: Map<string, ScanRow>;
let looks: number;
let isAway: boolean;
let running: number;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis.disconnect());

beforeEach(async () => {
  live = new Map();
  over = new Map();
  looks = 0;
  isAway = false;
  running = 10;
  const store = new SessionStore(redis);
  const find = async (secret: string) => {
    if (isAway) throw new ServiceUnavailableError('redis', 'away');
    return store.find(secret);
  };
  const { overview, ...rest } = flowsWith();
  const flows = {
    ...rest,
    sessions: { ...rest.sessions, begin: store.begin.bind(store), end: store.end.bind(store), find },
    dispatchStatus: async () => ({ ...dispatchStatusExample, running }),
    overview: {
      ...overview,
      projectIds: async () => [PROJECT, OTHER_PROJECT],
      liveIds: async () => {
        looks += 1;
        return [...live.keys()];
      },
      rows: async (ids: readonly string[]) => ids.flatMap((id) => live.get(id) ?? over.get(id) ?? []),
    },
  };
  server = await testServer({ flows, limits: { events: { lookMs: 50, checkMs: 100 } } });
  return () => server.close();
});

function row(id: string, done: number, project = PROJECT): ScanRow {
  const { counts, ...rest } = scanRowExample;
  return { ...rest, state: 'dispatching', priority: 3, id, project, counts: { ...counts, done } };
}

async function stream(
  headers: Record<string, string> = bearer(TOKENS.alice),
  query = '',
): Promise<EventReader> {
  const reader = await readEvents(`${server.url}/events${query}`, headers);
  onTestFinished(() => reader.close());
  if (reader.status === 200) await reader.until('ready');
  return reader;
}

async function logIn(token: string): Promise<string> {
  const answer = await fetch(`${server.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const ids = ({ events }: EventReader) =>
  events.flatMap(({ event, data }) => (event === 'submission' ? [data.id] : []));

it('streams tell what changes from then on, each of what its reader may see, and stay in no cache', async () => {
  live.set('old', row('old', 1));
  const [alice, admin, bob] = [
    await stream(),
    await stream(bearer(TOKENS.admin)),
    await stream(bearer(TOKENS.bob)),
  ];
  expect(alice.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(alice.headers.get('x-accel-buffering')).toBe('no');
  expect(alice.headers.get('cache-control')).toBe('no-store');
  live.set('new', row('new', 0)).set('other', row('other', 0, OTHER_PROJECT));
  const told = await alice.until('submission');
  expect(told.data).toEqual(row('new', 0));
  await admin.until('submission', ({ id }) => id === 'other');
  live.set('old', row('old', 2));
  await alice.until('submission', ({ id }) => id === 'old');
  await bob.until('workers');
  expect(ids(alice)).toEqual(['new', 'old']);
  expect(ids(bob)).toEqual([]);
  await admin.until('dispatch');
  expect([...alice.events, ...bob.events].map(({ event }) => event)).not.toContain('dispatch');
});

it('the end of a scan is told, and what has not changed is not', async () => {
  live.set('a', row('a', 1)).set('b', row('b', 1));
  const reader = await stream();
  live.delete('a');
  over.set('a', { ...row('a', 2), state: 'finished' });
  // An estimate is another one each time.
  live.set('b', { ...row('b', 1), ends_at: '2030-01-01T00:00:00.000Z', rate_per_s: 1 });
  const { data } = await reader.until('submission');
  expect(data).toMatchObject({ id: 'a', state: 'finished' });
  const before = looks;
  over.set('a', { ...row('a', 3), state: 'finished' });
  await eventually('it was looked again', () => looks > before + 1);
  expect(ids(reader)).toEqual(['a']);
});

it('only one project is told of when one is asked for', async () => {
  const reader = await stream(bearer(TOKENS.admin), `?project=${PROJECT.toUpperCase()}`);
  live.set('other', row('other', 0, OTHER_PROJECT)).set('own', row('own', 0));
  await reader.until('submission');
  expect(ids(reader)).toEqual(['own']);
  expect((await stream(bearer(TOKENS.admin), '?project=x')).status).toBe(422);
});

it('a stream goes on where another one broke off, or says that something was missed', async () => {
  const first = await stream();
  live.set('a', row('a', 1));
  const { id = '' } = await first.until('submission');
  const watcher = await stream(bearer(TOKENS.admin));
  first.close();
  live.set('a', row('a', 2));
  await watcher.until('submission', ({ counts }) => (counts as ScanRow['counts']).done === 2);
  const second = await stream({ ...bearer(TOKENS.alice), 'last-event-id': id });
  expect(second.events.map(({ event }) => event)).toEqual(['submission', 'workers', 'ready']);
  expect(second.events[0]?.data).toMatchObject({ counts: { done: 2 } });
  for (const unknown of ['x', 'abc-1', id.replace(/-\d+$/, '-999999'), `${id}0000`, '-1', '']) {
    const reader = await stream({ ...bearer(TOKENS.alice), 'last-event-id': unknown });
    const names = reader.events.map(({ event }) => event);
    expect([unknown, names.includes('reload')]).toEqual([unknown, unknown !== '']);
  }
});

it('who comes back when nobody read meanwhile is told to ask anew', async () => {
  const first = await stream();
  const { id = '' } = await first.until('ready');
  first.close();
  // Until the server has seen that the first one is gone, somebody reads.
  await eventually('it is told so', async () => {
    const second = await stream({ ...bearer(TOKENS.alice), 'last-event-id': id });
    second.close();
    return second.events.some(({ event }) => event === 'reload');
  });
});

it('all streams of a process cost one look', async () => {
  const readers = await Promise.all(Array.from({ length: 50 }, () => stream()));
  live.set('a', row('a', 1));
  const before = looks;
  for (const reader of readers) await reader.until('submission');
  expect(looks - before).toBeLessThan(10);
});

it('a stream ends with its session: by log-out, expiry, or when the user is one no more', async () => {
  const headers = async (token: string) => ({ cookie: await logIn(token), 'sec-fetch-site': 'same-origin' });
  const [out, removed] = [await headers(TOKENS.admin), await headers(TOKENS.alice)];
  const [ended, gone, stays] = [await stream(out), await stream(removed), await stream(bearer(TOKENS.bob))];
  await fetch(`${server.url}/session`, { method: 'DELETE', headers: out });
  await server.forgetUser('alice');
  for (const reader of [ended, gone]) {
    await reader.until('end');
    await eventually('the stream is over', () => reader.isOver);
  }
  expect(stays.isOver).toBe(false);
  for (const of of [out, removed]) expect((await stream(of)).status).toBe(401);
});

it('while nobody can say who reads nothing is told, and then to ask anew', async () => {
  const cookie = await logIn(TOKENS.alice);
  const reader = await stream({ cookie, 'sec-fetch-site': 'same-origin' });
  const watcher = await stream(bearer(TOKENS.alice));
  isAway = true;
  let done = 1;
  await eventually('nothing comes', async () => {
    live.set('a', row('a', ++done));
    await watcher.until('submission', ({ counts }) => (counts as ScanRow['counts']).done === done);
    return ids(reader).length < ids(watcher).length - 1;
  });
  const told = ids(reader).length;
  isAway = false;
  await reader.until('reload');
  expect(ids(reader)).toHaveLength(told);
});

it('streams end when the server does', async () => {
  const reader = await stream();
  await server.server.close();
  await eventually('the stream is over', () => reader.isOver);
  expect(reader.events.at(-1)?.event).toBe('end');
});

it('so many streams may be open, and no user has all of them', async () => {
  const opened = await Promise.all(
    Array.from({ length: 510 }, () => readEvents(`${server.url}/events`, bearer(TOKENS.alice))),
  );
  for (const reader of opened) onTestFinished(() => reader.close());
  expect(opened.filter(({ status }) => status === 200)).toHaveLength(500);
  expect(opened.filter(({ status }) => status === 503)).toHaveLength(10);
  expect((await stream(bearer(TOKENS.bob))).status).toBe(200);
  opened.find(({ status }) => status === 200)?.close();
  await eventually('there is room again', async () => (await stream()).status === 200);
});
