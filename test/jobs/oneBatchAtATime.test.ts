/** How much a kill can send twice: what is published and not yet marked, in one process. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BatchStore, type SentBatch } from '../../src/adapters/batchStore.ts';
import type { OutgoingMessage } from '../../src/adapters/celery.ts';
import { createResolver } from '../../src/adapters/resolver.ts';
import { BATCH_SIZE } from '../../src/jobs/batches.ts';
import { dedup } from '../../src/jobs/dedup.ts';
import { expand } from '../../src/jobs/expand.ts';
import { OneAtATime } from '../../src/jobs/oneAtATime.ts';
import { publish } from '../../src/jobs/publish.ts';
import { split } from '../../src/jobs/split.ts';
import type { StageContext } from '../../src/jobs/stage.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { type StageScene, stageScene } from '../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

async function planned(network: string): Promise<string> {
  const id = await scene.begin({ project: randomUUID(), entries: network });
  await expand.run({ submission: id }, scene.context);
  await dedup.run({ submission: id }, scene.context);
  await split.run({ submission: id }, scene.context);
  return id;
}

/** The same servers, and how many tasks at most were published and not marked; `mark` may fail. */
function counting(mark: (store: BatchStore, id: string, sent: SentBatch) => Promise<void>) {
  const counts = { open: 0, most: 0 };
  const publishTasks = (messages: readonly OutgoingMessage[]) => {
    counts.open += messages.length;
    counts.most = Math.max(counts.most, counts.open);
    return scene.context.broker.publishTasks(messages);
  };
  class Counting extends BatchStore {
    override async sent(id: string, sent: SentBatch): Promise<void> {
      await mark(scene.context.batches, id, sent);
      counts.open -= sent.size;
    }
  }
  const broker = Object.assign(Object.create(scene.context.broker), { publishTasks });
  return { counts, context: { ...scene.context, broker, batches: new Counting(scene.redis) } };
}

/** Runs all that is injected, all lanes of all submissions at once. */
async function publishAll(context: StageContext): Promise<void> {
  while (scene.injected.length > 0)
    await Promise.all(scene.injected.splice(0).map(({ ref }) => publish.run(ref, context)));
}

it('no more than one batch of a process is published and not marked, however many lanes there are', async () => {
  await Promise.all([planned('11.0.0.0/21'), planned('11.1.0.0/21')]);
  const { counts, context } = counting((store, id, sent) => store.sent(id, sent));
  await publishAll(context);
  expect((await takeTasks(scene.vhost)).length).toBe(2 * 2_046);
  expect(counts).toEqual({ open: 0, most: BATCH_SIZE });
});

it('while Redis takes no mark nothing more is published, and nothing goes out twice', async () => {
  await planned('11.2.0.0/22');
  let failures = 2;
  const { counts, context } = counting(async (store, id, sent) => {
    if (failures-- > 0) throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    await store.sent(id, sent);
  });
  await publishAll(context);
  const ids = (await takeTasks(scene.vhost)).map(({ id }) => id);
  expect(ids.length).toBe(1_022);
  expect(new Set(ids).size).toBe(1_022);
  expect(counts).toEqual({ open: 0, most: BATCH_SIZE });
});

it('who is stopped while he waits in line leaves it, and those behind still wait for those in front', async () => {
  const line = new OneAtATime();
  const order: string[] = [];
  let finish = () => {};
  const first = line.run(() => new Promise<void>((resolve) => (finish = resolve)), undefined);
  const stop = new AbortController();
  const second = line.run(async () => order.push('second'), stop.signal);
  const third = line.run(async () => order.push('third'), new AbortController().signal);
  stop.abort(new Error('stopped'));
  await expect(second).rejects.toThrow('stopped');
  expect(order).toEqual([]);
  finish();
  await Promise.all([first, third]);
  expect(order).toEqual(['third']);
});
