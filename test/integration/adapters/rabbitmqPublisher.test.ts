import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBroker } from '../../../src/adapters/rabbitmq/broker.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { connectedBroker, linesLog, rabbitmqConfig } from '../../support/broker.ts';
import { createScene, type Scene, tasks } from '../../support/brokerScene.ts';
import { pausableProxy } from '../../support/pausableProxy.ts';
import { eventually, rabbitmqApi } from '../../support/services.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await createScene();
});

afterEach(() => scene.close());

describe('publishTasks', () => {
  test('messages arrive in order with their properties, and header integers as int32', async () => {
    const { publishTasks, depth } = await scene.broker();
    const sent = tasks(3);
    await publishTasks(sent);
    expect(await depth()).toBe(3);
    const received = await scene.drain(3);
    expect(received.map(({ content }) => content.toString())).toEqual(
      sent.map(({ content }) => `${content}`),
    );
    expect(received[0]?.properties).toMatchObject({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      priority: 0,
      correlationId: sent[0]?.id,
      headers: { id: sent[0]?.id, retries: 0, timelimit: [null, null], ignore_result: false },
    });
  });

  test('many calls at once share the window and all resolve', async () => {
    const { publishTasks, depth } = await scene.broker();
    await Promise.all(Array.from({ length: 20 }, () => publishTasks(tasks(250))));
    expect(await depth()).toBe(5_000);
  });

  test('messages without a queue are returned; the binding is back for the next attempt', async () => {
    const { publishTasks, depth } = await scene.broker();
    const channel = await (await scene.stranger()).createChannel();
    await channel.unbindQueue('nmap_scan_queue', 'nmap_exchange', 'nmap.scan');
    await expect(publishTasks(tasks(3))).rejects.toThrow(/nmap_scan_queue returned 3 of 3 messages.*bound/);
    await publishTasks(tasks(2));
    expect(await depth()).toBe(2);
  });

  test('a queue that is full refuses', async () => {
    const { publishTasks } = await scene.broker();
    await rabbitmqApi('PUT', `policies/${scene.vhost}/full`, {
      pattern: '^nmap_scan_queue$',
      'apply-to': 'queues',
      definition: { 'max-length': 2, overflow: 'reject-publish' },
    });
    await eventually('the policy holds', async () => {
      const queue = await rabbitmqApi('GET', `queues/${scene.vhost}/nmap_scan_queue`);
      return Reflect.get(Object(queue), 'policy') === 'full';
    });
    await expect(publishTasks(tasks(5))).rejects.toThrow(/nmap_scan_queue refused 3 of 5 messages.*policy/);
  });

  test('a closed connection is a ServiceUnavailableError for what is under way, and heals', async () => {
    const { log, lines } = linesLog();
    const opened = await connectedBroker(scene.vhost, { log });
    scene.onClose(() => opened.close());
    const key = opened.replyKey;
    let failure: unknown;
    const publishing = (async () => {
      while (!failure)
        await Promise.all([opened.publishTasks(tasks(250)), opened.publishTasks(tasks(250))]).catch(
          (error) => {
            failure = error;
          },
        );
    })();
    await scene.closeConnections();
    await publishing;
    expect(failure).toBeInstanceOf(ServiceUnavailableError);
    await eventually('connected again', () => opened.connected && opened.replyKey !== key);
    await opened.publishTasks(tasks(1));
    expect(await opened.depth()).toBeGreaterThan(0);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'RabbitMQ is connected',
      expect.stringContaining('RabbitMQ is away'),
      'RabbitMQ is connected',
    ]);
  });

  test('a RabbitMQ that falls silent is a ServiceUnavailableError after stallMs, and heals', async () => {
    const config = rabbitmqConfig(scene.vhost);
    const proxy = await pausableProxy(config);
    scene.onClose(proxy.close);
    const log = pino({ level: 'silent' });
    const opened = createBroker({ config: { ...config, port: proxy.port }, log, stallMs: 300 });
    scene.onClose(() => opened.close());
    await eventually('the broker is connected', () => opened.connected);
    proxy.pause();
    const two = [opened.publishTasks(tasks(5)), opened.publishTasks(tasks(5))];
    for (const publishing of two) await expect(publishing).rejects.toThrow(ServiceUnavailableError);
    proxy.resume();
    await eventually('connected again', () =>
      opened.publishTasks(tasks(1)).then(
        () => true,
        () => false,
      ),
    );
  });
});
