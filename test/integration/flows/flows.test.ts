/** What the API does with submissions, beside the real jobs in this process. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rulesKey, SUBMISSION_CHANNEL } from '../../../src/adapters/redis/keys.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { BusyError, PermanentError } from '../../../src/runtime/errors.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS } from '../../support/stageContext.ts';

let scene: FlowScene;
let api: ApiFlows;

beforeEach(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
});

/** Nobody hangs up. */
const NEVER = new AbortController().signal;
const LONG_MS = 30_000;
const ANN = { id: randomUUID(), username: 'ann' };

const request = (entries: string, more: Partial<NewSubmission> = {}): NewSubmission => ({
  kind: 'scan',
  project: randomUUID(),
  user: ANN,
  options: OPTIONS,
  entries,
  provided: 1,
  duplicatesRemoved: 0,
  names: 0,
  ...more,
});

it('who waits for a submission is told as soon as it is planned, and the numbers so far at the deadline', async () => {
  const { id, joined } = await api.flows.submit(request('11.20.0.0/30'));
  expect(joined).toBe(false);
  expect(await api.flows.untilPlanned(id, 0)).toMatchObject({ id, state: 'planning', total: 0 });
  const waiting = api.flows.untilPlanned(id, LONG_MS);
  scene.runJobs();
  expect(await waiting).toMatchObject({ state: expect.stringMatching(/dispatching|done/), total: 2 });
});

it('the same request of the same user joins the one that is being planned, another user begins one', async () => {
  const first = request('11.21.0.1');
  const { id } = await api.flows.submit(first);
  expect(await api.flows.submit(first)).toEqual({ id, joined: true });
  const other = await api.flows.submit({ ...first, user: { id: randomUUID(), username: 'bob' } });
  expect(other.joined).toBe(false);
  expect(other.id).not.toBe(id);
});

it('the same request has what gave up tried again', async () => {
  let broken = true;
  const dedup = {
    attempts: 1,
    run: async () => {
      if (broken) throw new PermanentError('broken for a while');
      return {};
    },
  };
  const jobs = scene.runJobs({ dedup });
  const first = request('11.22.0.1');
  const { id } = await api.flows.submit(first);
  expect(await api.flows.untilPlanned(id, LONG_MS)).toMatchObject({ state: 'failed' });
  broken = false;
  expect(await api.flows.submit(first)).toEqual({ id, joined: true });
  await eventually(
    'dedup has run',
    async () => (await scene.queues.dedup.getJobState(`${id}-dedup`)) === 'completed',
  );
  await jobs.close();
});

it('a plan is run once: asking again joins its scan, and one that is not made is none', async () => {
  const project = randomUUID();
  const { id: plan } = await api.flows.submit(request('11.23.0.0/30', { kind: 'plan', project }));
  const run = { plan, project, user: ANN };
  expect(await api.flows.runPlan(run)).toBeUndefined();
  scene.runJobs();
  await scene.untilState(plan, 'done');
  expect(await api.queries.planDetails(plan, NEVER)).toMatchObject({
    resolved: [],
    covered: new Map(),
    warnings: [],
  });

  await scene.queues.dedup.pause();
  const begun = await api.flows.runPlan(run);
  expect(begun?.joined).toBe(false);
  expect(await api.flows.runPlan(run)).toEqual({ id: begun?.id, joined: true });
  await scene.queues.dedup.resume();
  await scene.untilState(begun?.id ?? '', 'done');
  expect(await api.flows.runPlan(run)).toEqual({ id: begun?.id, joined: true });
  expect(await api.flows.runPlan({ ...run, project: randomUUID() })).toBeUndefined();
});

it('the details of a plan are none when its rules are no longer kept', async () => {
  scene.runJobs();
  const { id } = await api.flows.submit(request('11.24.0.1', { kind: 'plan' }));
  await scene.untilState(id, 'done');
  const rules = await scene.redis.keys(rulesKey('*'));
  expect(rules.length).toBeGreaterThan(0);
  await scene.redis.del(rules);
  expect(await api.queries.planDetails(id, NEVER)).toBeUndefined();
});

it('who waits for what somebody deletes is told that it is stopped, and nobody can wait for what is gone', async () => {
  const project = randomUUID();
  const { id } = await api.flows.submit(request('11.25.0.1', { kind: 'plan', project }));
  const waiting = api.flows.untilPlanned(id, LONG_MS);
  await api.queries.progress(id);
  expect(await api.flows.deletePlan(project, id)).toBe(true);
  expect(await waiting).toMatchObject({ id, state: 'stopped' });
  await expect(api.flows.untilPlanned(id, LONG_MS)).rejects.toThrow(BusyError);
});

it('what is announced of a submission reaches all who wait for it, and nothing else does', async () => {
  const told: string[] = [];
  api.events.onStopped((id) => told.push(id));
  const both = Promise.all([api.events.next('a', LONG_MS), api.events.next('a', LONG_MS)]);
  const other = api.events.next('b', LONG_MS).then(() => told.push('the other one'));
  // Until the subscription stands, nobody hears.
  await eventually('somebody listens', () => scene.redis.publish(SUBMISSION_CHANNEL, 'no event a'));
  for (const text of ['unheard a', 'planned', 'stopped c', 'failed a'])
    await scene.redis.publish(SUBMISSION_CHANNEL, text);
  await both;
  expect(told).toEqual(['c']);
  api.events.close();
  await other;
});

it('a plan is not run when the rules have changed since, and the scan says what changed', async () => {
  scene.runJobs();
  const project = randomUUID();
  const made = async (entries: string) => {
    const { id } = await api.flows.submit(request(entries, { kind: 'plan', project }));
    await scene.untilState(id, 'done');
    return id;
  };
  const [first, second] = [await made('11.26.0.0/30'), await made('11.26.1.0/30')];
  const failureOf = async (plan: string) => {
    const run = await api.flows.runPlan({ plan, project, user: ANN });
    return (await api.flows.untilPlanned(run?.id ?? '', LONG_MS)).failure;
  };
  const excluded = {
    entry: '11.26.0.1',
    by: ANN,
    at: new Date().toISOString(),
    why: 'a printer',
    until: null,
  };
  await api.flows.exclusions.add(project, new Map([['11.26.0.1', excluded]]));
  expect(await failureOf(first)).toMatchObject({
    byScope: true,
    reason: expect.stringMatching(/have changed since plan .*: make a new one\. .*11\.26\.0\.1/),
  });
  await scene.redis.del(await scene.redis.keys(rulesKey('*')));
  expect(await failureOf(second)).toMatchObject({
    reason: expect.stringMatching(/make a new one\. What they were is no longer kept$/),
  });
});

it('the stages tell when they began and ended, and the rules what they refused', async () => {
  const asked = request('11.22.0.0/30\n10.0.0.1', { provided: 2 });
  const { id } = await api.flows.submit(asked);
  scene.runJobs();
  await scene.untilState(id, 'done');
  const details = await api.queries.submissionDetails(asked.project, id);
  const stages = details?.stages ?? [];
  const times = stages
    .filter(({ stage }) => stage !== 'resolve')
    .flatMap(({ began_at, ended_at }) => [began_at, ended_at]);
  expect(times).toHaveLength(10);
  expect(times.every((time) => time !== null)).toBe(true);
  expect(stages[0]?.began_at?.localeCompare(stages[2]?.began_at ?? '')).toBe(-1);
  expect(stages[1]).toMatchObject({ stage: 'resolve', began_at: null, ended_at: null });
  expect(details?.refused_detail).toMatchObject([{ reason: 'private_ip', count: 1 }]);
});
