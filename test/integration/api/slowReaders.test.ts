/** Callers that do not read their answers, or leave before they are there. */
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { TargetOutcome } from '../../../src/queries/targetOutcome.ts';
import { call, scan, type TestServer } from '../../support/client.ts';
import { rawConnection } from '../../support/rawHttp.ts';
import { eventually } from '../../support/services.ts';
import { scan as scanBody } from '../../support/tasker.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

const PLAN = '0b0f5c0e-5f0f-4d3c-8a53-3c3c8d4fd902';
const MB = 2 ** 20;

let server: TestServer;
afterEach(() => server.close());

const get = (path: string, token: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: tasker.test\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;

const target: TargetOutcome = {
  ...{ target: '11.0.0.1', hostnames: [`${'a'.repeat(60)}.test`], state: 'waiting' },
  ...{ reason: null, task_id: null, worker: null, moved_from: null },
} as unknown as TargetOutcome;

it('a list is read from Redis as far as its caller reads, and a caller that does not is cut off', async () => {
  let pages = 0;
  const targets = async () => {
    pages += 1;
    return { targets: Array(500).fill(target), next: { section: 'accepted' as const, index: pages * 500 } };
  };
  server = await testServer({ flows: flowsWith({ targets }), limits: { stalledMs: 1_000 } });
  const path = `/tasks/${PROJECT}/submissions/${PLANNED.id}/targets`;
  const socket = await rawConnection(server.url, get(path, TOKENS.alice, 'Accept: text/csv\r\n'));
  await eventually('it is cut off', () => server.lines.some((line) => line.includes('was not read')));
  const asked = pages;
  // What the kernel holds for both sides, and no more.
  expect(asked * 500 * 70).toBeLessThan(64 * MB);
  socket.destroy();
  expect((await call(`${server.url}/health`)).status).toBe(200);
  expect(pages).toBeLessThanOrEqual(asked + 1);
});

/** Plans whose answers never end, so that whoever does not read keeps them. */
function endlessPlans(more = {}) {
  const progress = { ...PLANNED, id: PLAN, kind: 'plan' as const };
  let outcomes = 0;
  const lines = `${'11.0.0.1\n'.repeat(1_000)}`;
  const flows = flowsWith({
    progress: async (id) => (id === PLAN ? progress : undefined),
    bytesKept: async () => 10 * MB,
    outcome: async (id) => {
      outcomes += 1;
      const known = await flowsWith().outcome(id);
      return (
        known && {
          ...known,
          entries: async function* () {
            for (let i = 0; i < 60; i++) yield lines;
          },
        }
      );
    },
    ...more,
  });
  return { flows, outcomes: () => outcomes };
}

it('long answers get so much room, a caller half of it, and others are answered beside them', async () => {
  const { flows, outcomes } = endlessPlans();
  server = await testServer({ flows, limits: { answers: { most: 40 * MB, waitMs: 50 } } });
  const path = `/tasks/${PROJECT}/plan/${PLAN}`;
  const unread = await Promise.all([1, 2].map(() => rawConnection(server.url, get(path, TOKENS.alice))));
  await eventually('both are being answered', () => outcomes() === 2);
  const refused = await call(server.url + path, { headers: bearer(TOKENS.alice) });
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(refused.body.detail).toContain('Long answers');
  expect(outcomes()).toBe(2);
  const scanned = await scan(server, scanBody(['9.9.9.9']), TOKENS.alice);
  expect(scanned).toMatchObject({ status: 200, body: { truncated: true, summary: { provided: 1 } } });
  expect(scanned.body.submission.id).toBe(PLANNED.id);
  expect((await call(server.url + path, { headers: bearer(TOKENS.admin) })).status).toBe(200);

  // Whoever leaves makes room.
  for (const socket of unread) socket.destroy();
  await eventually('there is room again', async () => {
    return (await call(server.url + path, { headers: bearer(TOKENS.alice) })).status === 200;
  });
});

it('nothing more is made for a caller that has hung up', async () => {
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let details = 0;
  const known = flowsWith();
  const { flows } = endlessPlans({
    outcome: async (id: string) => {
      asked();
      await mayGoOn;
      return known.outcome(id);
    },
    planDetails: async (id: string, signal: AbortSignal) => {
      details += 1;
      return known.planDetails(id, signal);
    },
  });
  server = await testServer({ flows });
  const socket = await rawConnection(server.url, get(`/tasks/${PROJECT}/plan/${PLAN}`, TOKENS.alice));
  await isAsked;
  socket.destroy();
  await once(socket, 'close');
  // The server has seen it when a later connection of the same client is served.
  await eventually('the log says so', async () => {
    await call(`${server.url}/health`);
    return server.lines.some((line) => line.includes('request aborted'));
  });
  goOn();
  await eventually('it has stopped', () => server.lines.some((line) => line.includes('the caller hung up')));
  expect(details).toBe(0);
  expect(server.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
});

it('an answer is written piece by piece without harm to its letters', async () => {
  const name = 'ü😀'.repeat(60_000);
  server = await testServer({
    flows: flowsWith({ workers: async () => ({ [name]: { ip: '', last_updated: 0, last_seen: 0 } }) }),
  });
  const answer = await call(`${server.url}/workers/ips`, { headers: bearer(TOKENS.alice) });
  expect(Object.keys(answer.body.workers)).toEqual([name]);
  expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.text));
});
