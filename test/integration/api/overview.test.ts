/** What callers see of all projects, on real servers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submissionKeys, UNANSWERED_PINGS_KEY } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import {
  allSubmissionsSchema,
  projectsSchema,
  workersAtWorkSchema,
} from '../../../src/api/overview/schemas.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { call, type TestServer } from '../../support/client.ts';
import { type EventReader, readEvents } from '../../support/eventReader.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { bearer, OTHER_PROJECT, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let scene: FlowScene;
let api: ApiFlows;
let server: TestServer;
/** Scans in the project of alice, and in one that the users' store does not know. */
let own: string;
let foreign: string;
let stream: EventReader | undefined;

beforeAll(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
  own = await scene.stages.begin({ project: PROJECT, entries: '9.9.9.9' });
  foreign = await scene.stages.begin({ project: OTHER_PROJECT, entries: 'secret.example.com', names: 1 });
  await scene.redis.hset(UNANSWERED_PINGS_KEY, 'worker-1', 0);
  for (const [submission, ip] of [
    [own, '9.9.9.9'],
    [foreign, '9.9.9.10'],
  ] as const) {
    const id = randomUUID();
    await scene.redis.hset(workerKeys.task(id), { ip, ports: '80', submission });
    await scene.redis.hset(workerKeys.tool('worker-1'), id, 1);
  }
  server = await testServer({
    flows: { ...api.flows, ...api.queries },
    limits: { events: { lookMs: 50, checkMs: 100 } },
  });
});
afterAll(async () => {
  stream?.close();
  await server?.close();
  await api?.close();
  await scene?.close();
});

const get = (path: string, token: string) => call(server.url + path, { headers: bearer(token) });
const idsIn = (body: { submissions: { id: string }[] }) => body.submissions.map(({ id }) => id);

it('everybody sees the scans, projects and tasks that are theirs, and of others at most how many', async () => {
  for (const [token, projects] of [
    [TOKENS.admin, [PROJECT]],
    [TOKENS.alice, [PROJECT]],
    [TOKENS.bob, []],
  ] as const) {
    const scans = await get('/submissions', token);
    expect(allSubmissionsSchema.validate(scans.body, { convert: false }).error).toBeUndefined();
    expect(idsIn(scans.body)).toEqual(projects.map(() => own));
    const listed = await get('/projects', token);
    expect(projectsSchema.validate(listed.body, { convert: false }).error).toBeUndefined();
    expect(listed.body.projects.map(({ id }: { id: string }) => id)).toEqual(projects);
    const workers = await get('/workers', token);
    expect(workersAtWorkSchema.validate(workers.body, { convert: false }).error).toBeUndefined();
    const [worker] = workers.body.workers;
    const isAdmin = token === TOKENS.admin;
    expect([worker.tasks.length, worker.others]).toEqual(
      isAdmin ? [2, 0] : [projects.length, 2 - projects.length],
    );
    if (!isAdmin) expect(scans.text + listed.text + workers.text).not.toMatch(/secret|9\.9\.9\.10/);
    if (!isAdmin) expect(scans.text + listed.text + workers.text).not.toContain(OTHER_PROJECT);
  }
  expect((await get('/projects', TOKENS.alice)).body.projects).toMatchObject([
    { name: 'one', open: 1, kept: 1 },
  ]);
});

it('a filter by project opens none', async () => {
  const of = async (project: string, token: string) =>
    idsIn((await get(`/submissions?project=${project}`, token)).body);
  expect(await of(PROJECT.toUpperCase(), TOKENS.alice)).toEqual([own]);
  expect(await of(OTHER_PROJECT, TOKENS.alice)).toEqual([]);
  expect(await of(PROJECT, TOKENS.bob)).toEqual([]);
  expect((await get('/submissions?project=x', TOKENS.alice)).status).toBe(422);
  expect((await get('/submissions?text=secret', TOKENS.alice)).body).toEqual({ submissions: [], next: null });
  expect(idsIn((await get('/submissions?text=9.9.9&state=planning&user=nobody', TOKENS.alice)).body)).toEqual(
    [],
  );
});

it('the history is for admins', async () => {
  expect((await get('/dispatch/history', TOKENS.alice)).body).toMatchObject({ code: 'admins_only' });
  expect((await get('/dispatch/history', TOKENS.admin)).body).toMatchObject({ every_s: 10, at: [] });
});

it('an event has the same row as the list', async () => {
  stream = await readEvents(`${server.url}/events`, bearer(TOKENS.alice));
  await stream.until('ready');
  await scene.redis.hset(submissionKeys(foreign).facts, 'priority', 5);
  await scene.redis.hset(submissionKeys(own).facts, 'priority', 4);
  const { data } = await stream.until('submission');
  expect((await get('/submissions', TOKENS.alice)).body.submissions).toEqual([data]);
  expect(JSON.stringify(stream.events)).not.toContain(foreign);
});
