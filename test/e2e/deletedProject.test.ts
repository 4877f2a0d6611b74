/** Somebody deletes a project in the middle of its scan. */

import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UNKNOWN_PROJECTS_KEY } from '../../src/adapters/redis/keys.ts';
import { queueDepth, takeTasks } from '../support/scanQueue.ts';
import { eventually, ownDatabase, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';
import { createUsers, type Users } from '../support/users.ts';

let installation: Installation;
let store: Awaited<ReturnType<typeof ownDatabase>>;
let users: Users;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  store = await ownDatabase();
  users = await createUsers(store.database);
  const { host, port, user, password } = services().postgres;
  tasker = await startTasker({
    ...installation.env,
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: store.database,
    DISPATCH_WINDOW: '100',
  });
});

afterAll(async () => {
  await tasker?.stop();
  await store?.drop();
  await installation?.drop();
});

async function deleteProject(project: string): Promise<void> {
  const client = new pg.Client({ ...services().postgres, database: store.database });
  await client.connect();
  await client.query('DELETE FROM projectuserlink WHERE project_id = $1', [project]);
  await client.query('DELETE FROM projects WHERE id = $1', [project]);
  await client.end();
}

it('a deleted project pauses, and admins may stop it as long as there is work of it; others may not', async () => {
  const { admin, alice, bob } = users.tokens;
  const { aliceProject: project } = users.projects;
  const stop = `/tasks/${project}/stop-nmap`;
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.1.0.0/20']), alice);
  expect(body.summary.sent_to_scan).toBe(4_094);
  await eventually('the window is full', async () => (await queueDepth(installation.vhost)) >= 100);
  await deleteProject(project);

  await eventually(
    'it is paused',
    () => tasker.logs.some(({ msg, project: of }) => of === project && String(msg).startsWith('paused')),
    60_000,
  );
  expect(await installation.redis.hkeys(UNKNOWN_PROJECTS_KEY)).toEqual([project]);

  for (const token of [alice, bob]) expect((await tasker.get(stop, token)).status).toBe(401);
  expect((await tasker.get(`/tasks/${project}/status`, admin)).status).toBe(404);
  expect(await tasker.get(stop, admin)).toMatchObject({
    status: 200,
    body: { status: 'stopped', revoked: 4_094 },
  });
  expect(await takeTasks(installation.vhost)).toEqual([]);
  expect(await installation.redis.exists(UNKNOWN_PROJECTS_KEY)).toBe(0);
  expect((await tasker.get(stop, admin)).status).toBe(404);
  expect((await tasker.get(stop, alice)).status).toBe(401);
}, 120_000);
