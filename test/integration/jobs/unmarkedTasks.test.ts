/** How much a kill can send twice: what is published and not yet marked, in one process. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/adapters/celery/messages.ts';
import { BatchStore, type SentBatch } from '../../../src/adapters/dispatch/batchStore.ts';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { NotTakenError } from '../../../src/adapters/rabbitmq/notTaken.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { UNMARKED } from '../../../src/jobs/publish/sendBatch.ts';
import { split } from '../../../src/jobs/split.ts';
import { Semaphore } from '../../../src/runtime/semaphore.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { runStage, type SceneContext, type StageScene, stageScene } from '../../support/stageContext.ts';

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
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

/** The same servers, and how many tasks at most were published and not noted; noting may fail. */
function counting(beforeNote: () => void = () => {}) {
  const counts = { open: 0, most: 0 };
  const publishTasks = (messages: readonly OutgoingMessage[]) => {
    counts.open += messages.length;
    counts.most = Math.max(counts.most, counts.open);
    return scene.context.broker.publishTasks(messages);
  };
  class Counting extends BatchStore {
    readonly #taken = new Map<string, number>();

    override async saveTaken(id: string, batch: number, tasks: readonly string[]): Promise<void> {
      beforeNote();
      await super.saveTaken(id, batch, tasks);
      this.#taken.set(`${id} ${batch}`, (this.#taken.get(`${id} ${batch}`) ?? 0) + tasks.length);
      counts.open -= tasks.length;
    }

    override async sent(id: string, sent: SentBatch): Promise<void> {
      beforeNote();
      await super.sent(id, sent);
      counts.open -= sent.to - sent.from - (this.#taken.get(`${id} ${sent.batch}`) ?? 0);
    }
  }
  const broker = Object.assign(Object.create(scene.context.broker), { publishTasks });
  return { counts, context: { ...scene.context, broker, batches: new Counting(scene.redis) } };
}

/** Runs all that is injected, all lanes of all submissions at once. */
async function publishAll(context: SceneContext): Promise<void> {
  while (scene.injected.length > 0)
    await Promise.all(scene.injected.splice(0).map(({ ref }) => runStage(publish, ref, context)));
}

it('no more than 250 tasks of a process are published and not noted, however many lanes there are', async () => {
  await Promise.all([planned('11.0.0.0/21'), planned('11.1.0.0/21')]);
  const { counts, context } = counting();
  await publishAll(context);
  expect((await takeTasks(scene.vhost)).length).toBe(2 * 2_046);
  expect(counts).toEqual({ open: 0, most: UNMARKED });
});

it('while Redis takes no note nothing more is published, and nothing goes out twice', async () => {
  await planned('11.2.0.0/22');
  let failures = 2;
  const { counts, context } = counting(() => {
    if (failures-- > 0) throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
  });
  await publishAll(context);
  const ids = (await takeTasks(scene.vhost)).map(({ id }) => id);
  expect(ids.length).toBe(1_022);
  expect(new Set(ids).size).toBe(1_022);
  expect(counts).toEqual({ open: 0, most: UNMARKED });
});

it('who is stopped while he waits in line leaves it, and those behind go by what room there is', async () => {
  const semaphore = new Semaphore(2);
  const order: string[] = [];
  let finish = () => {};
  const first = semaphore.hold(2, () => new Promise<void>((resolve) => (finish = resolve)), undefined);
  const stop = new AbortController();
  const second = semaphore.hold(2, async () => order.push('second'), stop.signal);
  const third = semaphore.hold(1, async () => order.push('third'), new AbortController().signal);
  stop.abort(new Error('stopped'));
  await expect(second).rejects.toThrow('stopped');
  expect(order).toEqual([]);
  finish();
  await Promise.all([first, third]);
  expect(order).toEqual(['third']);
  await expect(semaphore.hold(1, async () => {}, stop.signal)).rejects.toThrow('stopped');
});

it('a part that is refused leaves the others noted, and only it is sent again', async () => {
  await planned('11.3.0.0/24');
  const { context } = counting();
  const real = context.broker;
  let calls = 0;
  // RabbitMQ cannot be told to refuse the second of two calls.
  const broker = Object.assign(Object.create(real), {
    publishTasks: async (messages: readonly OutgoingMessage[]) => {
      if (++calls === 2)
        throw new NotTakenError(
          'refused',
          messages.map(({ id = '' }) => id),
        );
      return real.publishTasks(messages);
    },
  });
  const [first] = scene.injected.splice(0);
  const ref = first?.ref ?? { submission: '' };
  await expect(runStage(publish, ref, { ...context, broker })).rejects.toThrow('refused');
  expect((await takeTasks(scene.vhost)).length).toBe(UNMARKED / 2);
  expect(await runStage(publish, ref, context)).toMatchObject({ tasks: UNMARKED / 2 });
  expect((await takeTasks(scene.vhost)).length).toBe(UNMARKED / 2);
});
