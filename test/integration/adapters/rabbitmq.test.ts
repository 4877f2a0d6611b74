import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ping, updateIp } from '../../../src/adapters/celery/messages.ts';
import { createBroker } from '../../../src/adapters/rabbitmq/broker.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { connectedBroker, linesLog, rabbitmqConfig } from '../../support/broker.ts';
import { createScene, type Scene, tasks } from '../../support/brokerScene.ts';
import { eventually, rabbitmqApi } from '../../support/services.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await createScene();
});

afterEach(() => scene.close());

describe('topology', () => {
  test('declares everything of the contract, with its kinds and arguments', async () => {
    const { replyKey } = await scene.broker();
    const exchanges = await rabbitmqApi('GET', `exchanges/${scene.vhost}`);
    for (const [name, type, durable] of [
      ['nmap_exchange', 'topic', true],
      ['nmap_cancel_queue', 'fanout', true],
      ['worker_service_broadcast', 'fanout', true],
      ['celery.pidbox', 'fanout', false],
      ['reply.celery.pidbox', 'direct', false],
    ])
      expect(exchanges).toContainEqual(expect.objectContaining({ name, type, durable, arguments: {} }));
    expect(await rabbitmqApi('GET', `queues/${scene.vhost}`)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'nmap_scan_queue', durable: true, arguments: {} }),
        expect.objectContaining({
          name: `${replyKey}.reply.celery.pidbox`,
          durable: false,
          auto_delete: true,
          arguments: { 'x-expires': 10_000, 'x-message-ttl': 300_000 },
        }),
      ]),
    );
  });

  test('a conflict is told with what to do, and healed once it is gone', async () => {
    const channel = await (await scene.stranger()).createChannel();
    await channel.assertQueue('nmap_scan_queue', { durable: true, arguments: { 'x-max-priority': 5 } });
    const { log, lines } = linesLog();
    const opened = createBroker({ config: rabbitmqConfig(scene.vhost), log });
    scene.onClose(() => opened.close());
    const line = await eventually('the conflict is logged', () =>
      lines.find((text) => text.includes('PRECONDITION')),
    );
    expect(line).toMatch(/x-max-priority.*nmap_scan_queue.*delete that queue/);
    expect(opened.connected).toBe(false);
    await channel.deleteQueue('nmap_scan_queue');
    await eventually('the broker is connected', () => opened.connected);
    expect(lines.filter((text) => text.includes('PRECONDITION'))).toHaveLength(1);
  });
});

describe('while RabbitMQ is away', () => {
  test('every call rejects at once, one line is logged, and no password', async () => {
    const { log, lines } = linesLog();
    const config = { ...rabbitmqConfig(scene.vhost), port: 1, password: 'hunter2' };
    const opened = createBroker({ config, log });
    scene.onClose(() => opened.close());
    for (const call of [
      opened.depth(),
      opened.publishTasks(tasks(1)),
      opened.broadcast(updateIp(randomUUID())),
      opened.drainMatching(() => 'any'),
    ])
      await expect(call).rejects.toThrow(ServiceUnavailableError);
    await eventually('a line is logged', () => lines.length > 0);
    expect(lines).toHaveLength(1);
    expect(lines.join()).toContain('ECONNREFUSED');
    expect(lines.join()).not.toContain('hunter2');
  });

  test('wrong credentials are named in the log', async () => {
    const { log, lines } = linesLog();
    const opened = createBroker({ config: { ...rabbitmqConfig(scene.vhost), password: 'hunter2' }, log });
    scene.onClose(() => opened.close());
    await eventually('the refusal is logged', () => lines.some((line) => /ACCESS.REFUSED/.test(line)));
    expect(lines.join()).not.toContain('hunter2');
  });

  test('closing rejects what is under way', async () => {
    const opened = await connectedBroker(scene.vhost);
    const publishing = expect(opened.publishTasks(tasks(5_000))).rejects.toThrow(ServiceUnavailableError);
    await opened.close();
    await publishing;
    await expect(opened.depth()).rejects.toThrow(ServiceUnavailableError);
  });
});

test('the depth of the queue is known again after somebody deleted it', async () => {
  const { depth, publishTasks } = await scene.broker();
  await publishTasks(tasks(1));
  expect(await depth()).toBe(1);
  const channel = await (await scene.stranger()).createChannel();
  await channel.deleteQueue('nmap_scan_queue');
  expect(await depth()).toBe(0);
  await publishTasks(tasks(1));
  expect(await depth()).toBe(1);
});

describe('pings', () => {
  test('a pong reaches the listener, rubbish does not', async () => {
    const { broadcast, onPong, replyKey } = await scene.broker();
    const heard: string[] = [];
    onPong((hostname) => heard.push(hostname));
    const worker = await (await scene.stranger()).createChannel();
    const { queue } = await worker.assertQueue('', { exclusive: true });
    await worker.bindQueue(queue, 'celery.pidbox', '');
    await worker.consume(queue, (message) => {
      const { reply_to: to, ticket } = JSON.parse(String(message?.content));
      const answer = (text: string) =>
        worker.publish(to.exchange, to.routing_key, Buffer.from(text), { headers: { ticket } });
      answer('{"nmap_scan_queue@scan-1":{"error":"no"}}');
      answer('{"nmap_scan_queue@scan-2":{"ok":"pong"}}');
    });
    await broadcast(ping(randomUUID(), replyKey));
    await eventually('the pong is there', () => heard.length > 0);
    expect(heard).toEqual(['scan-2']);
  });

  test('a broadcast that nobody listens to is no error', async () => {
    const { broadcast } = await scene.broker();
    await broadcast(updateIp(randomUUID()));
  });
});
