import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { beginTask, type DyingWorker } from './dyingWorker.ts';
import type { FlowScene } from './flowScene.ts';
import { eventually } from './services.ts';

/** A scan is sent, and its workers die of it. `scene`: the one of the test that runs. */
export function dyingScene(scene: () => FlowScene, project: () => string) {
  /** A scan that is sent; gives its id. */
  async function sent(entries = '11.0.0.1'): Promise<string> {
    scene().runJobs();
    const id = await scene().submit({ project: project(), entries });
    await scene().untilState(id, 'done');
    return id;
  }

  /** A worker takes one task, says that it runs it, and Tasker sees that. */
  async function begin(host: string, at: number, answers = true): Promise<DyingWorker> {
    const { stages, redis, stores } = scene();
    const worker = await beginTask({ vhost: stages.vhost, redis }, host, at, answers);
    await stores.started.note([workerKeys.running(worker.task, host)]);
    return worker;
  }

  /** Workers of these names begin the task one after the other, and each of them dies of it. Gives its id. */
  async function dieOf(hosts: readonly string[], from = 1_000): Promise<string> {
    let task = '';
    for (const [index, host] of hosts.entries()) {
      const worker = await begin(host, from + index);
      task = worker.task;
      await worker.die();
      await eventually('it is ready again', async () => (await scene().services.broker.depth()) > 0);
    }
    return task;
  }

  return { sent, begin, dieOf };
}
