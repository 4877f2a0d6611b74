/** Projects that the users' store no longer knows, by each kind of store. */

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { createProjectDirectory, type ProjectDirectory } from '../../../src/adapters/projects/directory.ts';
import { UNKNOWN_PROJECTS_KEY } from '../../../src/adapters/redis/keys.ts';
import { pauseUnknownProjects } from '../../../src/jobs/chores/pauseUnknownProjects.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { ownDatabase, services } from '../../support/services.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';
import { type StandInLedger, startStandInLedger } from '../../support/standInLedger.ts';
import { createUsers } from '../../support/users.ts';

const HASH = UNKNOWN_PROJECTS_KEY;
const closers: (() => Promise<unknown>)[] = [];
let scene: StageScene;
/** Submissions that have not ended, with their projects. */
let open: [id: string, project: string][] = [];
const stoppedProjects: string[] = [];
let lines: { msg: string; project: string }[] = [];
const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  scene?.context.resolver.close();
  await scene?.close();
});

beforeEach(async () => {
  lines = [];
  stoppedProjects.length = 0;
  scene.injected.length = 0;
  await scene.redis.del(HASH);
  await endAll();
});

async function endAll(): Promise<void> {
  for (const [id, project] of open) await scene.context.submissions.finish(id, project);
  open = [];
}

/** A submission that is ready to be sent. */
async function planned(project: string): Promise<string> {
  const id = await scene.begin({ project, entries: '11.0.0.0/30' });
  open.push([id, project]);
  for (const stage of [expand, dedup, split]) await runStage(stage, { submission: id }, scene.context);
  return id;
}

const look = (directory: ProjectDirectory | undefined) =>
  pauseUnknownProjects.run({
    ...scene.stores,
    broker: scene.context.broker,
    directory,
    stopProject: async (project) => void stoppedProjects.push(project),
    finishStops: async () => {},
    finishPauses: async () => {},
    keepOut: async () => {},
    sendAgain: async () => {},
    followScans: async () => {},
    callWebhooks: async () => {},
    healLost: async () => {},
    buryDead: async () => {},
    recallTasks: async () => {},
    resumeFlows: async () => {},
    log,
  });

const paused = () => scene.redis.hkeys(HASH);
const send = (id: string) => runStage(publish, { submission: id, index: 0 }, scene.context);

interface Store {
  directory: ProjectDirectory | undefined;
  /** A project that is there. */
  project: string;
  remove(): Promise<void>;
  bringBack(): Promise<void>;
  /** The store answers no more. */
  goAway(): Promise<void>;
}

async function inPostgres(): Promise<Store> {
  const { database, drop } = await ownDatabase();
  closers.push(drop);
  const { projects } = await createUsers(database);
  const postgres = { ...services().postgres, database };
  const run = async (statement: string, ...values: string[]) => {
    const client = new pg.Client(postgres);
    await client.connect();
    await client.query(statement, values);
    await client.end();
  };
  const directory = createProjectDirectory({ provider: 'postgres', postgres }, log);
  closers.push(async () => directory?.close());
  return {
    directory,
    project: projects.project,
    remove: () => run('DELETE FROM projects WHERE id = $1', projects.project),
    bringBack: () => run("INSERT INTO projects VALUES ($1, 'again')", projects.project),
    goAway: () => run('ALTER TABLE projects RENAME TO elsewhere'),
  };
}

async function inScanledger(): Promise<Store> {
  const project = randomUUID();
  const token = 'of-tasker';
  const ledger: StandInLedger = await startStandInLedger({
    users: { [token]: { admin: true } },
    projects: { [project]: {} },
  });
  closers.push(() => ledger.stop());
  const scanledger = { baseUrl: ledger.baseUrl, token, tlsVerify: true };
  const directory = createProjectDirectory({ provider: 'scanledger', scanledger }, log);
  closers.push(async () => directory?.close());
  return {
    directory,
    project,
    remove: async () => void ledger.projects.delete(project),
    bringBack: async () => void ledger.projects.set(project, new Map()),
    goAway: async () => {
      ledger.fault = 503;
    },
  };
}

describe.each([
  ['PostgreSQL', inPostgres],
  ['ScanLedger', inScanledger],
])('with the users in %s', (_name, open) => {
  it('a deleted project rests until it is known again, and nothing changes while the store is away', async () => {
    const store = await open();
    const { project, directory } = store;
    const id = await planned(project);
    await look(directory);
    expect(await paused()).toEqual([]);

    await store.remove();
    await look(directory);
    expect(await paused()).toEqual([project]);
    expect(Date.parse((await scene.redis.hget(HASH, project)) ?? '')).toBeGreaterThan(0);
    await look(directory);
    expect(lines.map(({ msg, project: of }) => [msg.slice(0, 7), of])).toEqual([['paused:', project]]);
    await expect(send(id)).rejects.toMatchObject({ name: 'RetryLaterError', rests: 'job' });
    expect(await takeTasks(scene.vhost)).toEqual([]);

    await store.bringBack();
    await look(directory);
    expect(await paused()).toEqual([]);
    expect(lines.at(-1)?.msg).toContain('goes on');
    expect(await send(id)).toEqual({ tasks: 2 });
    expect((await takeTasks(scene.vhost)).length).toBe(2);

    await store.remove();
    await look(directory);
    await store.goAway();
    await look(directory);
    expect(await paused()).toEqual([project]);
  });
});

it('a store that is away pauses nothing', async () => {
  const store = await inScanledger();
  await planned(store.project);
  await store.remove();
  await store.goAway();
  await look(store.directory);
  expect(await paused()).toEqual([]);
});

it('a project without open submissions rests no more, and a stop ends its rest', async () => {
  const store = await inScanledger();
  await store.remove();
  await planned(store.project);
  await look(store.directory);
  expect(await paused()).toEqual([store.project]);
  await endAll();
  await look(store.directory);
  expect(await paused()).toEqual([]);
  await planned(store.project);
  await look(store.directory);
  expect(await paused()).toEqual([store.project]);
  await scene.context.projects.stopEnded(store.project);
  expect(await paused()).toEqual([]);
});

it('what is left of a deleted project is stopped after two weeks', async () => {
  const store = await inScanledger();
  await store.remove();
  await planned(store.project);
  const since = (days: number) =>
    scene.redis.hset(HASH, store.project, new Date(Date.now() - days * 24 * 3_600_000).toISOString());
  await since(13.9);
  await look(store.directory);
  expect(stoppedProjects).toEqual([]);
  await since(14.1);
  await look(store.directory);
  expect(stoppedProjects).toEqual([store.project]);
});

it('where every project exists none rests, also none that another store did not know', async () => {
  await scene.redis.hset(HASH, randomUUID(), new Date().toISOString());
  await look(createProjectDirectory({ provider: 'static' }, log));
  expect(await paused()).toEqual([]);
});
