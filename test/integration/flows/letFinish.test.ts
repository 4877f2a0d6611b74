/** What is excluded may end where it runs; its scan goes on. The worker dies, so it does not. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newReceipt } from '../../../src/adapters/scopeRules/receiptStore.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { recallTasks } from '../../../src/flows/stop/recallTasks.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { sendAgain } from '../../../src/flows/takeBack/sendAgain.ts';
import { beginTask } from '../../support/dyingWorker.ts';
import { withRules } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
const project = randomUUID();

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const entry = '11.0.0.1';
const depth = () => scene.services.broker.depth();
const look = () => recallTasks(scene.services);

/** Whoever has it in hand may end it. */
async function exclude(): Promise<void> {
  const at = new Date().toISOString();
  const by = { id: 'u', username: 'ann' };
  const receipt = newReceipt({ id: randomUUID(), project, of: 'project', by: 'ann', at, running: 'finish' }, [
    entry,
  ]);
  const exclusion = { entry, by, at, why: 'a client on the phone', until: null, id: receipt.id };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]), '', undefined, receipt);
  await keepOut(withRules(scene));
}

async function twoMinutesLater(): Promise<void> {
  const past = (await scene.stores.recalls.now()) - 120_000;
  const all = await scene.stores.recalls.all();
  await scene.stores.recalls.save(
    [...all].map(([id, recall]) => [id, { ...recall, since: past, seen: past }]),
  );
}

/** It was given back to RabbitMQ, taken out there, and nobody has it any more. */
async function diesOfIt(): Promise<string> {
  scene.runJobs();
  const id = await scene.submit({ project, entries: entry });
  await scene.untilState(id, 'done');
  const worker = await beginTask({ vhost: scene.stages.vhost, redis: scene.redis }, 'host', 1);
  await exclude();
  expect(worker.cancelled).toEqual([]);
  await worker.die();
  await eventually('RabbitMQ gives it back', async () => (await depth()) === 1);
  await scene.redis.hdel('running_tool:nmap:host', worker.task);
  await look();
  expect(await depth()).toBe(0);
  await twoMinutesLater();
  await look();
  expect(await scene.stores.recalls.all()).toEqual(new Map());
  expect(await scene.redis.keys(`running:*${worker.task}*`)).toEqual([]);
  return id;
}

it('the rules decide once more, and leave it out', async () => {
  const id = await diesOfIt();
  await sendAgain(withRules(scene));
  await eventually('it is left out', async () => (await scene.stores.again.count(id)) === 0);
  await scene.untilState(id, 'done');
  await followScans(scene.services);
  expect(await depth()).toBe(0);
  expect(await scene.progress(id)).toMatchObject({ state: 'finished', sent: 1 });
  expect((await scene.stores.submissions.facts(id)).dropped).toBe(1);
});

it('it is sent once more when the exclusion has ended by then', async () => {
  const id = await diesOfIt();
  await scene.stores.exclusions.remove(project, [entry]);
  await sendAgain(withRules(scene));
  await eventually('it is ready', async () => (await depth()) === 1);
  expect((await scene.stores.submissions.facts(id)).dropped).toBe(0);
});
