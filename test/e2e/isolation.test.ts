/** Nobody sees, runs or changes what belongs to a project that is not theirs, whatever route its ids are sent to. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../src/api/http/route.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { isSent } from '../support/progress.ts';
import { eventually, ownDatabase, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';
import { createUsers, type Users } from '../support/users.ts';

/** What alice must never read: it belongs to the other project. */
const SECRETS = ['203.0.114.', 'not your business', '"username":"admin"'];
const FOREIGN_EXCLUSION = '203.0.115.0/28';

let installation: Installation;
let store: Awaited<ReturnType<typeof ownDatabase>>;
let users: Users;
let tasker: Tasker;
/** Ids of the other project: a scan, a plan, a plan that has run, and its run. */
let foreign: string[];

beforeAll(async () => {
  store = await ownDatabase();
  users = await createUsers(store.database);
  installation = await ownInstallation();
  const { host, port, user, password } = services().postgres;
  tasker = await startTasker({
    ...installation.env,
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: host,
    POSTGRES_PORT: String(port),
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: store.database,
  });
  foreign = await workOf(users.projects.project);
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
  await store?.drop();
});

async function workOf(project: string): Promise<string[]> {
  const { admin } = users.tokens;
  const path = `/tasks/${project}`;
  const send = async (route: string, body: object) =>
    (await tasker.post(`${path}${route}`, body, admin)).body;
  await send('/exclusions', { hosts: [FOREIGN_EXCLUSION], why: 'not your business' });
  const ran = await send('/run-nmap', scan(['203.0.114.0/30']));
  const plan = await send('/plan', scan(['203.0.114.8/30']));
  const planToRun = await send('/plan', scan(['203.0.114.16/30']));
  const planRun = await send('/run-nmap', { plan: planToRun.plan.id });
  const ids = [ran.submission.id, plan.plan.id, planToRun.plan.id, planRun.submission.id];
  await eventually('the scans are sent', async () => {
    const { body } = await tasker.get(`${path}/submissions/${ids[3]}`, admin);
    return isSent(body.state);
  });
  return ids;
}

/** What alice gets when she sends `id` to a route of her own project: in the path, in the query, and in the body. */
async function answers(route: Route, id: string): Promise<unknown[]> {
  const own = users.projects.aliceProject;
  const path = route.path.replace('{project_id}', own).replaceAll(/\{\w+\}/g, id);
  const cursor = Buffer.from(`${id}:${Date.now() + 60_000}`).toString('base64url');
  const paths = [path, `${path}?cursor=${cursor}`, `${path}?target=203.0.114.1&plan=${id}&submission=${id}`];
  const bodies =
    route.method === 'GET' ? [undefined] : [{}, { plan: id }, { id }, { hosts: [FOREIGN_EXCLUSION] }];
  const sent = paths.flatMap((each) => bodies.map((body) => ({ path: each, body })));
  return Promise.all(
    sent.map(async (one) => ({ ...one, ...(await request(route.method, one.path, one.body)) })),
  ).then((all) => JSON.parse(JSON.stringify(all).replaceAll(id, '<id>').replaceAll(cursor, '<cursor>')));
}

async function request(method: string, path: string, body: object | undefined, token = users.tokens.alice) {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  for (const secret of SECRETS) expect(text, `${method} ${path}`).not.toContain(secret);
  return { status: response.status, text: text.replaceAll(/"version":\d+/g, '"version":n') };
}

const OF_PROJECTS = ROUTES.filter(({ auth }) => auth === 'project');
describe.each(OF_PROJECTS)('$method $path', (route) => {
  it('answers for an id of another project as for one that nobody has', async () => {
    const unknown = randomUUID();
    const right = await answers(route, unknown);
    for (const id of foreign) expect(await answers(route, id)).toEqual(right);
  });

  it('answers for another project as for one that does not exist', async () => {
    // Whoever asks for too many projects of others has to wait: there are more routes than one may ask.
    const stranger = users.tokens[OF_PROJECTS.indexOf(route) % 2 === 0 ? 'alice' : 'bob'];
    const at = (project: string) =>
      request(
        route.method,
        route.path.replace('{project_id}', project).replaceAll(/\{\w+\}/g, foreign[0] ?? ''),
        undefined,
        stranger,
      );
    const answer = await at(users.projects.project);
    expect(answer.status).toBe(401);
    expect(answer).toEqual(await at(randomUUID()));
  });
});

it('all this leaves the other project as it was', async () => {
  const path = `/tasks/${users.projects.project}`;
  const { body } = await tasker.get(`${path}/exclusions`, users.tokens.admin);
  expect(body.exclusions).toMatchObject([{ entry: FOREIGN_EXCLUSION }]);
  for (const id of [foreign[0], foreign[3]])
    expect((await tasker.get(`${path}/submissions/${id}`, users.tokens.admin)).body.state).toBe('done');
  for (const id of [foreign[1], foreign[2]])
    expect((await tasker.get(`${path}/plan/${id}`, users.tokens.admin)).status).toBe(200);
});
