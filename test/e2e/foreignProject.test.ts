/** Nothing of a project can be told from nothing at all by a member of another one, whichever route is asked. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';
import { ownDatabase, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';
import { createUsers, type Users } from '../support/users.ts';

let installation: Installation;
let tasker: Tasker;
let users: Users;
let dropDatabase: () => Promise<void>;
/** Of a project that alice does not see: a scan, a plan that has not run, one that has, and the scan that it became. */
let foreign: Record<'scan' | 'plan' | 'ran' | 'fromPlan', string>;
/** The same of a project of hers: another project's id must not join them either. */
let own: { plan: string };

beforeAll(async () => {
  installation = await ownInstallation();
  const { postgres } = services();
  const { database, drop } = await ownDatabase();
  dropDatabase = drop;
  users = await createUsers(database);
  tasker = await startTasker({
    ...installation.env,
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD: postgres.password,
    POSTGRES_DB: database,
  });
  const { admin, alice } = users.tokens;
  const { project, aliceProject } = users.projects;
  const post = async (path: string, body: unknown, token = admin) => {
    const answer = await tasker.post(`/tasks/${path}`, body, token);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const plan = async (host: string) => (await post(`${project}/plan`, scan([host]))).plan.id as string;
  const begun = await post(`${project}/run-nmap`, scan(['11.0.0.0/30']));
  const [kept, ran] = [await plan('11.0.1.1'), await plan('11.0.2.2')];
  const fromPlan = await post(`${project}/run-nmap`, { plan: ran });
  foreign = { scan: begun.submission.id, plan: kept, ran, fromPlan: fromPlan.submission.id };
  own = { plan: (await post(`${aliceProject}/plan`, scan(['11.0.3.3']), alice)).plan.id };
});

afterAll(async () => {
  await tasker?.stop();
  await dropDatabase?.();
  await installation?.drop();
});

/** Where an id may stand besides the path. */
const PLACES = ['path', 'body', 'cursor', 'query'] as const;

async function answerTo(method: string, path: string, body: unknown) {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${users.tokens.alice}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
  );
  return { status: response.status, headers, text: await response.text() };
}

it('a foreign id is answered as one that nobody has, on every route and wherever it stands', async () => {
  const routes = ROUTES.filter(({ auth, path }) => auth === 'project' && !path.endsWith('stop-nmap'));
  const { aliceProject } = users.projects;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(routes.length - 1),
      fc.constantFrom(...PLACES),
      fc.constantFrom('scan', 'plan', 'ran', 'fromPlan' as const),
      fc.boolean(),
      async (index, place, name, isOther) => {
        const { method = 'GET', path = '' } = routes[index] ?? {};
        const ask = async (id: string) => {
          const ids = [place === 'path' ? id : own.plan, isOther ? id : own.plan];
          const filled = path
            .replace('{project_id}', aliceProject)
            .replaceAll(/\{\w+\}/g, () => ids.shift() ?? id);
          const cursor = Buffer.from(`${id}:${Date.UTC(2030, 0)}`).toString('base64url');
          const query =
            place === 'cursor'
              ? `?cursor=${cursor}&target=11.0.0.1`
              : place === 'query'
                ? `?target=11.0.2.2&plan=${id}&submission=${id}`
                : '?target=11.0.2.2';
          const isPlanned = path.endsWith('run-nmap') || path.endsWith('/plan');
          // What is planned may not have a query; nothing else may be told from the answer to what was asked for.
          const body =
            method === 'GET' ? undefined : place === 'body' ? { plan: id } : { hosts: [], plan: id };
          const answer = await answerTo(method, isPlanned ? filled : filled + query, body);
          // What is wrong is said with what was sent.
          return { ...answer, text: answer.text.replaceAll(cursor, 'cursor').replaceAll(id, 'id') };
        };
        const [theirs, nobodys] = [await ask(foreign[name]), await ask(randomUUID())];
        expect(theirs).toEqual(nobodys);
        expect(theirs.text).not.toMatch(/11\.0\.[012]\./);
      },
    ),
    { numRuns: 400 },
  );
});

it('the project itself is answered as one that nobody has', async () => {
  for (const { method, path } of ROUTES.filter(({ auth }) => auth === 'project')) {
    const ask = (project: string) =>
      answerTo(
        method,
        path.replace('{project_id}', project).replaceAll(/\{\w+\}/g, foreign.scan),
        method === 'GET' ? undefined : { plan: foreign.ran },
      );
    expect(await ask(users.projects.project)).toEqual(await ask(randomUUID()));
  }
});

it('a plan that has run is no plan of another project: run-nmap', async () => {
  for (const id of [foreign.plan, foreign.ran, foreign.fromPlan, foreign.scan]) {
    const { status, body } = await tasker.post(
      `/tasks/${users.projects.aliceProject}/run-nmap`,
      { plan: id },
      users.tokens.alice,
    );
    expect({ status, body }).toEqual({ status: 404, body: { detail: 'Plan not found' } });
  }
});
