/** A stop, beside the real jobs in this process. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { finishStops } from '../../../src/flows/stop/stop.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { connectedBroker } from '../../support/broker.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { queueDepth } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

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

const depth = () => queueDepth(scene.stages.vhost);
const finish = () => finishStops(scene.services);

/** A scan of six addresses whose tasks are in the queue. */
async function sent(project: string, third: number): Promise<string> {
  const id = await scene.submit({ project, entries: `11.30.${third}.0/29` });
  await scene.untilState(id, 'done');
  return id;
}

async function stateOf(project: string, id: string): Promise<string[]> {
  const page = await api.queries.targets(project, id, { limit: 100 });
  return [...new Set(page?.targets.map(({ state }) => state))];
}

it('takes back what is in the queue and what still waits, and leaves other projects alone', async () => {
  scene.runJobs();
  const [project, other] = [randomUUID(), randomUUID()];
  const id = await sent(project, 1);
  const theirs = await sent(other, 2);
  await scene.queues.dedup.pause();
  const waits = await scene.submit({ project, entries: '11.30.3.1' });
  const plan = await scene.submit({ project, entries: '11.30.3.2', kind: 'plan' });

  const waiting = api.flows.untilPlanned(waits, 30_000);
  const { revoked, submissions } = await api.flows.stop(project);
  expect(revoked).toBeGreaterThanOrEqual(6);
  expect(submissions.toSorted()).toEqual([waits, plan].toSorted());
  expect(await waiting).toMatchObject({ id: waits, state: 'stopped' });
  expect(await depth()).toBe(6);
  expect(await stateOf(project, id)).toEqual(['stopped']);
  expect(await stateOf(other, theirs)).toEqual(['queued']);
  expect(await api.queries.hasWork(project)).toBe(false);
  expect(await api.flows.stop(project)).toEqual({ revoked: 0, submissions: [] });
});

it('waits for another stop of the project, and a chore leaves that one alone', async () => {
  scene.runJobs();
  const [project, other] = [randomUUID(), randomUUID()];
  await sent(project, 4);
  await sent(other, 5);
  const unlock = await scene.stages.context.projects.lockStop(project);
  let ended = false;
  const stopping = api.flows.stop(project).finally(() => {
    ended = true;
  });
  for (const each of [project, other]) await scene.stages.context.projects.stopProject(each);
  await finish();
  expect(await depth(), 'only the other one is finished').toBe(6);
  expect(ended).toBe(false);
  await unlock?.();
  expect((await stopping).revoked).toBe(6);
  expect(await depth()).toBe(0);
});

it('says what is left when RabbitMQ does not answer, and a chore does the rest when it does', async () => {
  scene.runJobs();
  const project = randomUUID();
  await sent(project, 6);
  const closed = await connectedBroker(scene.stages.vhost);
  await closed.close();
  const away = await apiFlows(scene, closed);
  const error = await away.flows.stop(project).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServiceUnavailableError);
  expect(error).toMatchObject({
    service: 'rabbitmq',
    message: expect.stringContaining('tasks in its queue are taken out once it answers'),
  });
  expect(await depth()).toBe(6);
  await away.close();
  await finish();
  expect(await depth()).toBe(0);
});

it('goes on with the other projects where one cannot be finished, and then says so', async () => {
  scene.runJobs();
  const [project, other] = [randomUUID(), randomUUID()];
  await sent(project, 7);
  await sent(other, 8);
  // A key of another type: everything that reads the tasks of this project fails.
  await scene.redis.del(workerKeys.projectTasks(project));
  await scene.redis.set(workerKeys.projectTasks(project), 'no set');
  for (const each of [project, other]) await scene.stages.context.projects.stopProject(each);
  await expect(finish()).rejects.toThrow('WRONGTYPE');
  await eventually('the other one is finished', async () => (await depth()) === 6);
  await expect(api.flows.stop(project)).rejects.toThrow('WRONGTYPE');
});
