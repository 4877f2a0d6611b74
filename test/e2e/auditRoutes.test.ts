/** Every route that changes something leaves an entry of the audit trail, and no other route does. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_EVENTS } from '../../src/adapters/audit/entry.ts';
import { AUDIT_KEY } from '../../src/adapters/redis/keys.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { scan } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
beforeAll(async () => {
  // Nobody answers there, so a scan that excludes a name fails.
  const nobody = { DNS_SERVERS: '127.0.0.1:9', DNS_TIMEOUT: '1', WEBHOOK_ALLOW_PRIVATE: 'true' };
  scene = await startWithUsers({ DISPATCH_WINDOW: '1', ...nobody });
});
afterAll(() => scene?.close());

/** A GET that acts: callers know it so. */
const ACTS = 'stopProject';
const changes = ROUTES.filter(({ method, operationId }) => method !== 'GET' || operationId === ACTS);

/** Of each of them a call that changes something, in an order in which they do; a new route needs one. */
const CALLS: readonly [operationId: string, event: string, body?: unknown][] = [
  ['makePlan', 'plan.asked', scan(['11.0.1.1'])],
  ['runNmap', 'submission.begun', scan(['11.0.0.0/20'])],
  ['setWebhooks', 'webhooks.replaced', { webhooks: [{ url: 'http://127.0.0.1:9/' }] }],
  ['deleteWebhooks', 'webhooks.removed'],
  ['changeSubmission', 'submission.changed', { priority: 2 }],
  ['setDispatchSettings', 'dispatch.changed', { weight: 2 }],
  ['pauseSubmission', 'submission.paused'],
  ['resumeSubmission', 'submission.resumed'],
  ['pauseProject', 'project.paused'],
  ['resumeProject', 'project.resumed'],
  ['pauseDispatch', 'dispatch.paused'],
  ['resumeDispatch', 'dispatch.resumed'],
  ['addExclusions', 'exclusions.added', { hosts: ['11.0.2.1'], why: 'printer' }],
  ['replaceExclusions', 'exclusions.replaced', { hosts: ['11.0.3.1'], why: 'printer' }],
  ['removeExclusions', 'exclusions.removed', { hosts: ['11.0.3.1'] }],
  ['cancelTargets', 'targets.cancelled', { hosts: ['11.0.4.1'] }],
  ['retryFailed', 'submission.retried'],
  ['cancelSubmission', 'submission.cancelled'],
  ['retryStages', 'submission.retried'],
  ['deletePlan', 'plan.deleted'],
  ['stopProject', 'project.stopped'],
];

const ids: Record<string, string> = {};
const length = () => scene.installation.redis.xlen(AUDIT_KEY);
function placeOf(operationId: string) {
  const route = ROUTES.find((each) => each.operationId === operationId);
  if (route === undefined) throw new Error(`there is no route ${operationId}`);
  ids.project_id = scene.users.projects.aliceProject;
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
  return { method: route.method, path };
}
const call = (operationId: string, body?: unknown) => {
  const { method, path } = placeOf(operationId);
  return scene.call(method, path, scene.users.tokens.admin, body);
};

/** A scan of which a stage gave up. */
async function failedScan(): Promise<string> {
  await call('runNmap', scan(['11.0.5.1'], { exclude: ['www.example.com'] }));
  const { body } = await call('listSubmissions');
  const failed = body.submissions.find(({ state }: { state: string }) => state === 'failed');
  return failed.id;
}

it('each has a call here', () => {
  expect(CALLS.map(([operationId]) => operationId).toSorted()).toEqual(
    changes.map(({ operationId }) => operationId).toSorted(),
  );
});

describe('an entry is left by', () => {
  it.each(CALLS)('%s', async (operationId, event, body) => {
    if (operationId === 'retryStages') ids.submission_id = await failedScan();
    const { status, body: answer } = await call(operationId, body);
    expect([200, 202], JSON.stringify(answer)).toContain(status);
    if (operationId === 'makePlan') ids.plan_id = answer.plan.id;
    if (operationId === 'runNmap') ids.scan = ids.submission_id = answer.submission.id;
    const [[, [, text = '']] = ['', []]] = await scene.installation.redis.xrevrange(AUDIT_KEY, '+', '-');
    const entry = JSON.parse(text);
    expect(entry).toMatchObject({ event, user: { username: 'admin' } });
    expect(AUDIT_EVENTS).toContain(event);
    const route = changes.find((each) => each.operationId === operationId);
    const project = route?.auth === 'project' ? ids.project_id : null;
    expect(entry.project).toBe(project);
  });
});

it('nothing is left by those that only read', async () => {
  const before = await length();
  const headers = { authorization: `Bearer ${scene.users.tokens.admin}` };
  for (const { operationId } of ROUTES.filter((route) => !changes.includes(route))) {
    const { method, path } = placeOf(operationId);
    // One that goes on for ever has begun to answer.
    const answer = await fetch(scene.tasker.url + path, { method, headers });
    await answer.body?.cancel();
  }
  expect(await length()).toBe(before);
});

it('the trail is filtered by time, project, scan and address', async () => {
  const entries = async (query: string, token = scene.users.tokens.admin) =>
    (await scene.call('GET', `/audit?limit=200&${query}`, token)).body.entries;
  await scene.call('POST', `/tasks/${scene.users.projects.project}/pause`, scene.users.tokens.admin);
  const all = await entries('');
  const { aliceProject, project } = scene.users.projects;
  expect(await entries(`project=${project.toUpperCase()}`)).toEqual(all.slice(0, 1));
  expect(await entries(`project=${aliceProject}`)).toHaveLength(all.length - 3);
  const about = (await entries(`submission=${ids.scan}`)).map(({ event }: { event: string }) => event);
  expect(about.toReversed()).toEqual([
    ...['submission.begun', 'submission.changed', 'submission.paused', 'submission.resumed'],
    ...['submission.retried', 'submission.cancelled'],
  ]);
  const ofPlan = (await entries(`submission=${ids.plan_id}`)).map(({ event }: { event: string }) => event);
  expect(ofPlan).toEqual(['plan.deleted', 'plan.asked']);
  const { from } = all[0];
  expect(await entries(`from=${from}`)).toEqual(all);
  expect(await entries('from=203.0.113.1')).toEqual([]);
  const middle = all[5];
  const ms = Number.parseInt(middle.id, 10);
  expect(await entries(`until=${new Date(ms).toISOString()}`)).toEqual(
    all.filter(({ id }: { id: string }) => Number.parseInt(id, 10) <= ms),
  );
  expect(await entries('until=2020-01-01T00:00:00Z')).toEqual([]);
  for (const query of ['until=x', 'from=x', 'submission=x', 'project=x'])
    expect((await scene.call('GET', `/audit?${query}`, scene.users.tokens.admin)).status).toBe(422);
});
