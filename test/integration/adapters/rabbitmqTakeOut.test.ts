import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taskOf } from '../../../src/adapters/celery/parse.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { createScene, type Scene, task, tasks } from '../../support/brokerScene.ts';
import { eventually } from '../../support/services.ts';

const PROJECT = randomUUID();
const OTHER = randomUUID();

const ofProject = (content: Buffer, headers: unknown) => taskOf(content, headers)?.project === PROJECT;

let scene: Scene;

beforeEach(async () => {
  scene = await createScene();
});

afterEach(() => scene.close());

describe('drainMatching', () => {
  test('takes what matches and leaves the others in their order', async () => {
    const { publishTasks, drainMatching, depth } = await scene.broker();
    const sent = Array.from({ length: 3_000 }, (_, number) => task(number, number % 3 ? PROJECT : OTHER));
    await publishTasks(sent);
    const taken = await drainMatching(ofProject);
    const text = ({ content }: { content: Buffer }) => content.toString();
    expect(taken.map(String)).toEqual(sent.filter((_, number) => number % 3).map(text));
    await eventually('the others are ready again', async () => (await depth()) === 1_000);
    expect((await scene.drain(1_000)).map(text)).toEqual(
      sent.filter((_, number) => number % 3 === 0).map(text),
    );
  });

  test('an empty queue gives nothing', async () => {
    const { drainMatching } = await scene.broker();
    expect(await drainMatching(ofProject)).toEqual([]);
  });

  test('two of them at once, of two processes, do not hide messages from each other', async () => {
    const [one, two] = [await scene.broker(), await scene.broker()];
    await one.publishTasks(
      Array.from({ length: 2_000 }, (_, number) => task(number, number % 2 ? PROJECT : OTHER)),
    );
    const ofOther = (content: Buffer, headers: unknown) => taskOf(content, headers)?.project === OTHER;
    const [ours, others, again] = await Promise.all([
      one.drainMatching(ofProject),
      two.drainMatching(ofOther),
      one.drainMatching(ofProject),
    ]);
    expect(ours.length + again.length).toBe(1_000);
    expect(others).toHaveLength(1_000);
    expect(await one.depth()).toBe(0);
  });

  test('nothing is lost or taken twice beside a worker and a publisher', async () => {
    const { publishTasks, drainMatching, depth } = await scene.broker();
    const worker = await (await scene.stranger()).createChannel();
    const worked: string[] = [];
    await worker.prefetch(1);
    const sent = Array.from({ length: 2_000 }, (_, number) => task(number, number % 2 ? PROJECT : OTHER));
    await publishTasks(sent);
    await worker.consume('nmap_scan_queue', (message) => {
      if (!message) return;
      worked.push(message.properties.correlationId);
      worker.ack(message);
    });
    const late = Array.from({ length: 500 }, (_, number) => task(number, OTHER));
    const [taken] = await Promise.all([drainMatching(ofProject), publishTasks(late)]);
    await eventually(
      'the worker has the rest',
      async () => (await depth()) === 0 && worked.length + taken.length >= 2_500,
    );
    const takenIds = taken.map((content) => sent.find((message) => message.content.equals(content))?.id);
    expect([...worked, ...takenIds].sort()).toEqual([...sent, ...late].map(({ id }) => id).sort());
  });

  test('a connection that goes is a ServiceUnavailableError and everything stays', async () => {
    const opened = await scene.broker();
    await opened.publishTasks(tasks(100, PROJECT));
    const holder = await scene.stranger();
    const channel = await holder.createChannel();
    await channel.assertQueue('tasker.take_out', { durable: false, autoDelete: true });
    await channel.consume('tasker.take_out', () => {}, { exclusive: true });
    const waiting = expect(opened.drainMatching(ofProject)).rejects.toThrow(ServiceUnavailableError);
    await scene.closeConnections();
    await waiting;
    const depth = () => opened.depth().catch(() => -1);
    await eventually('everything is still there', async () => (await depth()) === 100);
  });
});
