import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taskOf } from '../../../src/adapters/celery/parse.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { createScene, type Scene, task, tasks } from '../../support/brokerScene.ts';
import { eventually } from '../../support/services.ts';

const PROJECT = randomUUID();
const OTHER = randomUUID();

const idIn = (project: string) => (content: Buffer, headers: unknown) => {
  const task = taskOf(content, headers);
  return task?.project === project ? task.id : undefined;
};
const ofProject = idIn(PROJECT);

let scene: Scene;

beforeEach(async () => {
  scene = await createScene();
});

afterEach(() => scene.close());

/** Those of the project, and notes them. */
const noting = (taken: Buffer[]) => (content: Buffer, headers: unknown) => {
  const id = ofProject(content, headers);
  if (id !== undefined) taken.push(content);
  return id;
};

describe('drainMatching', () => {
  test('takes what matches and leaves the others in their order', async () => {
    const { publishTasks, drainMatching, depth } = await scene.broker();
    const sent = Array.from({ length: 3_000 }, (_, number) => task(number, number % 3 ? PROJECT : OTHER));
    await publishTasks(sent);
    const taken: Buffer[] = [];
    expect(await drainMatching(noting(taken))).toBe(2_000);
    const text = ({ content }: { content: Buffer }) => content.toString();
    expect(taken.map(String)).toEqual(sent.filter((_, number) => number % 3).map(text));
    await eventually('the others are ready again', async () => (await depth()) === 1_000);
    expect((await scene.drain(1_000)).map(text)).toEqual(
      sent.filter((_, number) => number % 3 === 0).map(text),
    );
  });

  test('an empty queue gives nothing', async () => {
    const { drainMatching } = await scene.broker();
    expect(await drainMatching(ofProject)).toBe(0);
  });

  test('two of them at once, of two processes, do not hide messages from each other', async () => {
    const [one, two] = [await scene.broker(), await scene.broker()];
    await one.publishTasks(
      Array.from({ length: 2_000 }, (_, number) => task(number, number % 2 ? PROJECT : OTHER)),
    );
    const ofOther = idIn(OTHER);
    const [ours, others, again] = await Promise.all([
      one.drainMatching(ofProject),
      two.drainMatching(ofOther),
      one.drainMatching(ofProject),
    ]);
    expect(ours + again).toBe(1_000);
    expect(others).toBe(1_000);
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
    const taken: Buffer[] = [];
    const [count] = await Promise.all([drainMatching(noting(taken)), publishTasks(late)]);
    expect(count).toBe(taken.length);
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
