import { randomUUID } from 'node:crypto';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OutgoingMessage, ping, scanTask, taskOf, updateIp } from '../../src/adapters/celery.ts';
import { type Broker, createBroker } from '../../src/adapters/rabbitmq.ts';
import { AwayError } from '../../src/errors.ts';
import { connectedBroker, linesLog, rabbitmqApi, rabbitmqConfig } from '../support/broker.ts';
import { eventually, ownVhost } from '../support/services.ts';

const PROJECT = randomUUID();
const OTHER = randomUUID();

function task(number: number, project = PROJECT): OutgoingMessage {
  return scanTask(randomUUID(), {
    ip: `8.8.${number >> 8}.${number & 255}`,
    hostnames: [],
    project,
    open_ports_opts: '-n -Pn -p 80',
    service_opts: '-n -sV -Pn',
    timeout: 300,
    include_services: true,
    mode: 'insert',
    user: { id: randomUUID(), username: 'ann' },
    open_ports_str: '80',
    track_history: true,
  });
}

const tasks = (count: number) => Array.from({ length: count }, (_, number) => task(number));
const ofProject = (content: Buffer, headers: unknown) => taskOf(content, headers)?.project === PROJECT;

let vhost: string;
let closers: (() => Promise<unknown>)[];

beforeEach(async () => {
  const own = await ownVhost();
  vhost = own.vhost;
  closers = [own.drop];
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function broker(): Promise<Broker> {
  const opened = await connectedBroker(vhost);
  closers.push(() => opened.close());
  return opened;
}

/** Somebody else's connection: a worker, an operator. */
async function stranger(): Promise<ChannelModel> {
  const { host, port, user, password } = rabbitmqConfig(vhost);
  const model = await connect({ hostname: host, port, username: user, password, vhost });
  model.on('error', () => {});
  closers.push(() => model.close().catch(() => {}));
  return model;
}

/** Takes everything out of the scan queue, in its order. */
async function drain(count: number): Promise<ConsumeMessage[]> {
  const channel = await (await stranger()).createChannel();
  const messages: ConsumeMessage[] = [];
  const take = (message: ConsumeMessage | null) => message && messages.push(message);
  await channel.consume('nmap_scan_queue', take, { noAck: true });
  await eventually(`${count} messages are there`, () => messages.length >= count);
  return messages;
}

async function closeConnections(): Promise<void> {
  const connections = await eventually('the management API knows the connection', async () => {
    const list = await rabbitmqApi('GET', `vhosts/${vhost}/connections`);
    return Array.isArray(list) && list.length > 0 && list;
  });
  for (const { name } of connections) await rabbitmqApi('DELETE', `connections/${encodeURIComponent(name)}`);
}

describe('topology', () => {
  test('declares everything of the contract, with its kinds and arguments', async () => {
    const { replyKey } = await broker();
    const exchanges = await rabbitmqApi('GET', `exchanges/${vhost}`);
    for (const [name, type, durable] of [
      ['nmap_exchange', 'topic', true],
      ['nmap_cancel_queue', 'fanout', true],
      ['worker_service_broadcast', 'fanout', true],
      ['celery.pidbox', 'fanout', false],
      ['reply.celery.pidbox', 'direct', false],
    ])
      expect(exchanges).toContainEqual(expect.objectContaining({ name, type, durable, arguments: {} }));
    expect(await rabbitmqApi('GET', `queues/${vhost}`)).toEqual(
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
    const channel = await (await stranger()).createChannel();
    await channel.assertQueue('nmap_scan_queue', { durable: true, arguments: { 'x-max-priority': 5 } });
    const { log, lines } = linesLog();
    const opened = createBroker({ config: rabbitmqConfig(vhost), log });
    closers.push(() => opened.close());
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

describe('publishTasks', () => {
  test('messages arrive in order with their properties, and header integers as int32', async () => {
    const { publishTasks, depth } = await broker();
    const sent = tasks(3);
    await publishTasks(sent);
    expect(await depth()).toBe(3);
    const received = await drain(3);
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
    const { publishTasks, depth } = await broker();
    await Promise.all(Array.from({ length: 20 }, () => publishTasks(tasks(250))));
    expect(await depth()).toBe(5_000);
  });

  test('messages without a queue are returned; the binding is back for the next attempt', async () => {
    const { publishTasks, depth } = await broker();
    const channel = await (await stranger()).createChannel();
    await channel.unbindQueue('nmap_scan_queue', 'nmap_exchange', 'nmap.scan');
    await expect(publishTasks(tasks(3))).rejects.toThrow(/nmap_scan_queue returned 3 of 3 messages.*bound/);
    await publishTasks(tasks(2));
    expect(await depth()).toBe(2);
  });

  test('a queue that is full refuses', async () => {
    const { publishTasks } = await broker();
    await rabbitmqApi('PUT', `policies/${vhost}/full`, {
      pattern: '^nmap_scan_queue$',
      'apply-to': 'queues',
      definition: { 'max-length': 2, overflow: 'reject-publish' },
    });
    await eventually('the policy holds', async () => {
      const queue = await rabbitmqApi('GET', `queues/${vhost}/nmap_scan_queue`);
      return Reflect.get(Object(queue), 'policy') === 'full';
    });
    await expect(publishTasks(tasks(5))).rejects.toThrow(/nmap_scan_queue refused 3 of 5 messages.*policy/);
  });

  test('a closed connection is an AwayError for what is under way, and heals', async () => {
    const { log, lines } = linesLog();
    const opened = await connectedBroker(vhost, { log });
    closers.push(() => opened.close());
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
    await closeConnections();
    await publishing;
    expect(failure).toBeInstanceOf(AwayError);
    await eventually('connected again', () => opened.connected && opened.replyKey !== key);
    await opened.publishTasks(tasks(1));
    expect(await opened.depth()).toBeGreaterThan(0);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'RabbitMQ is connected',
      expect.stringContaining('RabbitMQ is away'),
      'RabbitMQ is connected',
    ]);
  });
});

describe('while RabbitMQ is away', () => {
  test('every call rejects at once, one line is logged, and no password', async () => {
    const { log, lines } = linesLog();
    const config = { ...rabbitmqConfig(vhost), port: 1, password: 'hunter2' };
    const opened = createBroker({ config, log });
    closers.push(() => opened.close());
    for (const call of [
      opened.depth(),
      opened.publishTasks(tasks(1)),
      opened.broadcast(updateIp(randomUUID())),
      opened.takeOut(ofProject),
    ])
      await expect(call).rejects.toThrow(AwayError);
    await eventually('a line is logged', () => lines.length > 0);
    expect(lines).toHaveLength(1);
    expect(lines.join()).toContain('ECONNREFUSED');
    expect(lines.join()).not.toContain('hunter2');
  });

  test('wrong credentials are told', async () => {
    const { log, lines } = linesLog();
    const opened = createBroker({ config: { ...rabbitmqConfig(vhost), password: 'hunter2' }, log });
    closers.push(() => opened.close());
    await eventually('the refusal is logged', () => lines.some((line) => /ACCESS.REFUSED/.test(line)));
    expect(lines.join()).not.toContain('hunter2');
  });

  test('close rejects what is under way', async () => {
    const opened = await connectedBroker(vhost);
    const publishing = expect(opened.publishTasks(tasks(5_000))).rejects.toThrow(AwayError);
    await opened.close();
    await publishing;
    await expect(opened.depth()).rejects.toThrow(AwayError);
  });
});

test('depth heals when somebody deletes the queue', async () => {
  const { depth, publishTasks } = await broker();
  await publishTasks(tasks(1));
  expect(await depth()).toBe(1);
  const channel = await (await stranger()).createChannel();
  await channel.deleteQueue('nmap_scan_queue');
  expect(await depth()).toBe(0);
  await publishTasks(tasks(1));
  expect(await depth()).toBe(1);
});

describe('takeOut', () => {
  test('takes what matches and leaves the others in their order', async () => {
    const { publishTasks, takeOut, depth } = await broker();
    const sent = Array.from({ length: 3_000 }, (_, number) => task(number, number % 3 ? PROJECT : OTHER));
    await publishTasks(sent);
    const taken = await takeOut(ofProject);
    const text = ({ content }: { content: Buffer }) => content.toString();
    expect(taken.map(String)).toEqual(sent.filter((_, number) => number % 3).map(text));
    await eventually('the others are ready again', async () => (await depth()) === 1_000);
    expect((await drain(1_000)).map(text)).toEqual(sent.filter((_, number) => number % 3 === 0).map(text));
  });

  test('an empty queue gives nothing', async () => {
    const { takeOut } = await broker();
    expect(await takeOut(ofProject)).toEqual([]);
  });

  test('two at once, of two processes, do not hide messages from each other', async () => {
    const [one, two] = [await broker(), await broker()];
    await one.publishTasks(
      Array.from({ length: 2_000 }, (_, number) => task(number, number % 2 ? PROJECT : OTHER)),
    );
    const ofOther = (content: Buffer, headers: unknown) => taskOf(content, headers)?.project === OTHER;
    const [ours, others, again] = await Promise.all([
      one.takeOut(ofProject),
      two.takeOut(ofOther),
      one.takeOut(ofProject),
    ]);
    expect(ours.length + again.length).toBe(1_000);
    expect(others).toHaveLength(1_000);
    expect(await one.depth()).toBe(0);
  });

  test('nothing is lost or taken twice beside a worker and a publisher', async () => {
    const { publishTasks, takeOut, depth } = await broker();
    const worker = await (await stranger()).createChannel();
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
    const [taken] = await Promise.all([takeOut(ofProject), publishTasks(late)]);
    await eventually(
      'the worker has the rest',
      async () => (await depth()) === 0 && worked.length + taken.length >= 2_500,
    );
    const takenIds = taken.map((content) => sent.find((message) => message.content.equals(content))?.id);
    expect([...worked, ...takenIds].sort()).toEqual([...sent, ...late].map(({ id }) => id).sort());
  });

  test('a connection that goes is an AwayError and everything stays', async () => {
    const opened = await broker();
    await opened.publishTasks(tasks(100));
    const holder = await stranger();
    const channel = await holder.createChannel();
    await channel.assertQueue('tasker.take_out', { durable: false, autoDelete: true });
    await channel.consume('tasker.take_out', () => {}, { exclusive: true });
    const waiting = expect(opened.takeOut(ofProject)).rejects.toThrow(AwayError);
    await closeConnections();
    await waiting;
    const depth = () => opened.depth().catch(() => -1);
    await eventually('everything is still there', async () => (await depth()) === 100);
  });
});

describe('pings', () => {
  test('a pong reaches the listener, rubbish does not', async () => {
    const { broadcast, onPong, replyKey } = await broker();
    const heard: string[] = [];
    onPong((hostname) => heard.push(hostname));
    const worker = await (await stranger()).createChannel();
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
    const { broadcast } = await broker();
    await broadcast(updateIp(randomUUID()));
  });
});
