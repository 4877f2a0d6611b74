/** A memory alarm of RabbitMQ, on a server of its own: it would block everybody. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ping } from '../../../src/adapters/celery/messages.ts';
import { type Broker, createBroker } from '../../../src/adapters/rabbitmq/broker.ts';
import { HeldBackError } from '../../../src/adapters/rabbitmq/notTaken.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { type RabbitmqServer, startRabbitmq } from '../../../tools/services/rabbitmq.ts';
import { linesLog } from '../../support/broker.ts';
import { tasks } from '../../support/brokerScene.ts';
import { drain } from '../../support/flowChecks.ts';
import { pausableProxy } from '../../support/pausableProxy.ts';
import { beginAlarm, endAlarm } from '../../support/rabbitmqAlarm.ts';
import { eventually } from '../../support/services.ts';

const STALL_MS = 300;
const everything = () => 'any';

let directory: string;
let rabbitmq: RabbitmqServer;
let brokers: Broker[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-alarm-'));
  rabbitmq = await startRabbitmq({ directory });
});

afterEach(async () => {
  await endAlarm(rabbitmq);
  await Promise.all(brokers.map((broker) => broker.close()));
  brokers = [];
  await drain(address());
});

afterAll(async () => {
  await rabbitmq?.kill();
  rmSync(directory, { recursive: true, force: true });
});

const address = () => ({ ...rabbitmq, vhost: '/' });

async function connected({
  port = rabbitmq.port,
  stallMs = 30_000,
} = {}): Promise<Broker & { messages(): unknown[] }> {
  const { log, lines } = linesLog();
  const broker = createBroker({ config: { ...address(), port }, log, stallMs });
  brokers.push(broker);
  await eventually('the broker is connected', () => broker.connected);
  return Object.assign(Object.create(broker), {
    messages: () => lines.map((line) => JSON.parse(line).msg),
  });
}

it('what is on its way is neither given up nor sent again, however long it takes; the rest is told', async () => {
  const broker = await connected({ stallMs: STALL_MS });
  const key = broker.replyKey;
  const sent = tasks(250);
  await beginAlarm(rabbitmq);
  const outcome = broker.publishTasks(sent).then(
    () => [],
    (error: unknown) => error,
  );
  await eventually('it is blocked', () => broker.blocked);
  expect(broker.blocked).toBe('low on memory');
  const begun = performance.now();
  await eventually('many times the stall', () => performance.now() - begun > 5 * STALL_MS);
  expect(broker.connected && broker.replyKey === key).toBe(true);
  await endAlarm(rabbitmq);
  const error = await outcome;
  expect(broker.blocked).toBeUndefined();
  const heldBack = new Set(error instanceof HeldBackError ? error.ids : []);
  const arrived = (await drain(address())).map(({ id }) => id);
  expect(arrived).toEqual(sent.flatMap(({ id }) => id ?? []).filter((id) => !heldBack.has(id)));
  await broker.publishTasks(tasks(1));
  expect(await broker.depth()).toBe(1);
  expect(broker.messages()).toEqual([
    'RabbitMQ is connected',
    expect.stringContaining('RabbitMQ blocks publishers'),
    'RabbitMQ takes messages again',
  ]);
});

it('every new call fails at once, and nothing of it arrives later', async () => {
  const broker = await connected();
  await beginAlarm(rabbitmq);
  // Nobody publishes: it learns of the alarm all the same.
  await eventually('it is blocked', () => broker.blocked);
  const calls = [
    broker.publishTasks(tasks(3)),
    broker.broadcast(ping('ticket', broker.replyKey)),
    broker.depth(),
    broker.drainMatching(everything),
  ];
  for (const call of calls) {
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect(String(error)).toMatch(/RabbitMQ blocks publishers \(memory or disk alarm\).*low on memory/);
  }
  await endAlarm(rabbitmq);
  await eventually('it takes messages again', () => broker.blocked === undefined);
  expect(await broker.depth()).toBe(0);
});

it('a broadcast and a take-out that are under way when it begins fail at once, and nothing is taken', async () => {
  const publisher = await connected();
  await publisher.publishTasks(tasks(5_000));
  const broker = await connected();
  await beginAlarm(rabbitmq);
  const both = [broker.drainMatching(everything), broker.broadcast(ping('ticket', broker.replyKey))];
  for (const call of both) await expect(call).rejects.toThrow(/blocks publishers/);
  await endAlarm(rabbitmq);
  await eventually('all are ready again', async () => (await broker.depth().catch(() => 0)) === 5_000);
  expect(await broker.drainMatching(everything)).toBe(5_000);
});

it('a connection that goes while it is blocked is replaced, and what was on its way is unknown', async () => {
  const proxy = await pausableProxy(address());
  const broker = await connected({ port: proxy.port });
  await beginAlarm(rabbitmq);
  const outcome = broker.publishTasks(tasks(250));
  await eventually('it is blocked', () => broker.blocked);
  await proxy.close();
  await expect(outcome).rejects.toThrow(ServiceUnavailableError);
  await eventually('it is known', () => !broker.connected);
  expect(broker.blocked).toBeUndefined();
});

it('somebody who only listens is served all the while', async () => {
  await (await connected()).publishTasks(tasks(2));
  await beginAlarm(rabbitmq);
  expect((await drain(address())).length).toBe(2);
  const { host, port, user, password } = rabbitmq;
  const model = await connect({ hostname: host, port, username: user, password });
  await model.close();
});
