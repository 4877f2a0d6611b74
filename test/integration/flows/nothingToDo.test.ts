/** Changes of flows that find nothing to change, because somebody was faster or RabbitMQ is away. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { renumber } from '../../../src/flows/renumber.ts';
import { addFlow, resume, retry } from '../../../src/flows/resume.ts';
import { recallTasks } from '../../../src/flows/stop/recallTasks.ts';
import { wake } from '../../../src/flows/takeBack/wake.ts';
import { jobIdOf } from '../../../src/jobs/runner/stage.ts';
import { PermanentError } from '../../../src/runtime/errors.ts';
import { connectedBroker } from '../../support/broker.ts';
import { withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const services = () => withTurns(scene);

it('recalls wait while RabbitMQ is away, and cost nothing when there are none', async () => {
  await recallTasks(scene.services);
  const task = randomUUID();
  await scene.stores.recalls.remember([task], new Set());
  const away = await connectedBroker(scene.stages.vhost);
  await away.close();
  await recallTasks({ ...scene.services, broker: away });
  expect([...(await scene.stores.recalls.all()).keys()]).toEqual([task]);
});

it('jobs of a scan that is not kept, or that have ended, get no new places', async () => {
  await renumber(randomUUID(), services());
  const id = await scene.stages.begin();
  await scene.redis.hset(`tasker:submission:${id}`, { state: 'dispatching', total: 300, targets: 300 });
  await renumber(id, services());
  expect(await scene.queues.publish.getJobCountByTypes('prioritized', 'wait')).toBe(0);
  await wake(id, services());
  await wake(randomUUID(), services());
  expect(await scene.queues.publish.getJobCountByTypes('prioritized', 'wait', 'delayed')).toBe(0);
});

it('a flow is not added to what has ended, and a job is retried once', async () => {
  let tries = 0;
  scene.runJobs({
    expand: {
      async run() {
        tries += 1;
        throw new PermanentError('it cannot be done');
      },
    },
  });
  const id = await scene.submit();
  await scene.untilState(id, 'failed');
  const failed = {
    ...{ id: jobIdOf('expand', { submission: id }), stage: 'expand' as const, reason: 'it cannot be done' },
    ...{ byScope: false, scopeChanged: false, submission: id, failedAtMs: Date.now() },
  };
  await Promise.all([retry(failed, scene.services), retry(failed, scene.services)]);
  await eventually('it is tried again, and fails', async () => {
    return tries === 2 && (await scene.queues.expand.getFailedCount()) === 1;
  });
  await resume(id, scene.services);
  await eventually('and once more', () => tries === 3);
  await retry({ ...failed, id: jobIdOf('expand', { submission: randomUUID() }) }, scene.services);
  const facts = await scene.stores.submissions.facts(id);
  expect(await addFlow({ ...facts, state: 'done' }, scene.services)).toBe(false);
});
