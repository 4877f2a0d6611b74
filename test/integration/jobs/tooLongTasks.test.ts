/** A RabbitMQ that takes short messages only: what is longer is the end of its own task, and of nothing else. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/adapters/celery/messages.ts';
import { taskOf } from '../../../src/adapters/celery/parse.ts';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { type Broker, createBroker } from '../../../src/adapters/rabbitmq/broker.ts';
import { TooLongError } from '../../../src/adapters/rabbitmq/notTaken.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import { split } from '../../../src/jobs/split.ts';
import { messageOf, ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { type RabbitmqServer, startRabbitmq } from '../../../tools/services/rabbitmq.ts';
import { linesLog } from '../../support/broker.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { scanTask } from '../../support/scanTask.ts';
import { eventually } from '../../support/services.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const MAX_MESSAGE = 20_000;
const SHORT = '11.0.0.';
const LONG = '11.0.0.9';
const NAMES = Array.from({ length: 300 }, (_, i) => `n${i}.${'a'.repeat(60)}.test`);

let directory: string;
let server: RabbitmqServer;
let dns: DnsServer;
let resolver: NameResolver;
let scene: StageScene;
let broker: Broker;
const { log, lines } = linesLog();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tasker-short-messages-'));
  server = await startRabbitmq({ directory, maxMessageBytes: MAX_MESSAGE });
  broker = createBroker({ config: { ...server, vhost: '/' }, log });
  await eventually('the broker is connected', () => broker.connected);
  dns = await startDnsServer({ zone: NAMES.map((name) => `${LONG} ${name}`) });
  resolver = createResolver({ servers: [`${dns.address}:${dns.port}`], hostsFile: '/nowhere/hosts' });
  scene = await stageScene(resolver);
}, 180_000);

afterAll(async () => {
  await scene?.close();
  resolver?.close();
  await dns?.stop();
  await broker?.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => {
  scene.injected.length = 0;
});

function message(bytesOfNames: number, project = randomUUID()): OutgoingMessage {
  return scanTask(randomUUID(), {
    ip: '9.9.9.9',
    hostnames: ['a'.repeat(bytesOfNames)],
    project,
    open_ports_opts: '-p 80',
    service_opts: '-sV',
    timeout: 1,
    include_services: false,
    mode: 'append',
    user: { id: randomUUID(), username: 'ann' },
    open_ports_str: '80',
    track_history: true,
  });
}

const idsOf = (messages: readonly OutgoingMessage[]) => messages.map(({ id }) => id);

/** Everything that is in the queue, in its order. */
async function takeIds(): Promise<(string | undefined)[]> {
  const model = await connect({ hostname: server.host, port: server.port });
  const channel = await model.createChannel();
  const ids: (string | undefined)[] = [];
  for (;;) {
    const got = await channel.get('nmap_scan_queue', { noAck: true });
    if (!got) break;
    ids.push(taskOf(got.content, got.properties.headers)?.id);
  }
  await model.close();
  return ids;
}

const awayLines = () => lines.filter((line) => line.includes('RabbitMQ is away'));

it('a message that is too long fails alone: those around it arrive once, and the connection stays', async () => {
  const key = broker.replyKey;
  const short = Array.from({ length: 40 }, (_, i) => message(10 + i));
  const long = [message(30_000), message(25_000)];
  const mixed = [...short.slice(0, 20), ...long, ...short.slice(20)];
  const others = Array.from({ length: 20 }, () => Array.from({ length: 50 }, (_, i) => message(i)));
  const [outcome, ...rest] = await Promise.allSettled([
    broker.publishTasks(mixed),
    ...others.map((messages) => broker.publishTasks(messages)),
  ]);
  const error: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
  expect(error).toBeInstanceOf(TooLongError);
  expect(error instanceof TooLongError && error.ids).toEqual(idsOf(long));
  expect(messageOf(error)).toMatch(/as long as 2 of 42: .*larger than configured max size 20000/);
  expect(rest.every(({ status }) => status === 'fulfilled')).toBe(true);
  const arrived = await takeIds();
  expect(arrived.slice().sort()).toEqual(idsOf([...short, ...others.flat()]).sort());
  expect(broker.replyKey).toBe(key);
  expect(awayLines()).toEqual([]);
});

it('a broadcast that is too long fails alone, also when the limit has become smaller in between', async () => {
  await expect(broker.broadcast(message(30_000))).rejects.toBeInstanceOf(TooLongError);
  await broker.broadcast(message(10));
  await broker.publishTasks([message(15_000)]);
  await server.rabbitmqctl('eval', 'application:set_env(rabbit, max_message_size, 10000).');
  try {
    // The channel that is open keeps its limit; the one after it has the new one.
    await broker.publishTasks([message(30_000)]).catch(() => {});
    const sent = [...Array.from({ length: 30 }, (_, i) => message(i)), message(12_000), message(5)];
    await expect(broker.publishTasks(sent)).rejects.toThrow(/as long as 1 of 32/);
  } finally {
    await server.rabbitmqctl('eval', `application:set_env(rabbit, max_message_size, ${MAX_MESSAGE}).`);
    await broker.publishTasks([message(30_000)]).catch(() => {});
  }
  await takeIds();
});

it('a channel that is closed without a word about which message it was loses nothing that was said to be there', async () => {
  await broker.publishTasks([message(5_000)]);
  const odd = message(10);
  Object.assign(odd.properties, { expiration: 'never' });
  const waiting = Array.from({ length: 30 }, () => Array.from({ length: 100 }, () => message(10)));
  const [first, ...rest] = await Promise.allSettled([
    broker.publishTasks([message(10), odd]),
    ...waiting.map((messages) => broker.publishTasks(messages)),
  ]);
  expect(first.status === 'rejected' && first.reason).toBeInstanceOf(ServiceUnavailableError);
  // What amqplib had in its buffers for the channel can cost the connection, too: then all of them are tried again.
  for (const each of rest)
    if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ServiceUnavailableError);
  const sent = waiting.filter((_, index) => rest[index]?.status === 'fulfilled').flat();
  await eventually('it goes on', () =>
    broker.publishTasks([message(10)]).then(
      () => true,
      () => false,
    ),
  );
  expect(await takeIds()).toEqual(expect.arrayContaining(idsOf(sent)));
});

it('a task that is too long is dropped with the reason, its keys are released, and the rest of the scan is sent', async () => {
  const project = randomUUID();
  const context = { ...scene.context, broker };
  const before = awayLines();
  const id = await scene.begin({ project, entries: [`${SHORT}0/29`, ...NAMES].join('\n'), names: 300 });
  await runStage(expand, { submission: id }, context);
  for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, context);
  await runStage(dedup, { submission: id }, context);
  await runStage(split, { submission: id }, context);
  scene.injected.length = 0;
  expect(await runStage(publish, { submission: id, index: 0 }, context)).toMatchObject({
    tasks: 6,
    too_long: 1,
  });
  expect((await takeIds()).length).toBe(6);

  const { user, sent } = await context.submissions.facts(id);
  expect(sent).toBe(7);
  expect(await scene.redis.exists(workerKeys.lock(project, LONG, '80'))).toBe(0);
  expect(await scene.redis.exists(workerKeys.addressTasks(project, LONG))).toBe(0);
  expect(await scene.redis.scard(workerKeys.projectTasks(project))).toBe(6);
  expect(await scene.redis.scard(workerKeys.userTasks(user.id))).toBe(6);
  const dropped = await scene.stores.targetStore.dropped(id, [0], parseAddress(LONG) ?? 0);
  expect(dropped).toEqual({
    reason: 'other',
    detail: {
      rule: 'message',
      source: 'RabbitMQ',
      entry: 'its task is longer than the 20000 bytes that RabbitMQ takes (max_message_size)',
    },
  });
  expect(await runStage(root, { submission: id }, context)).toEqual({ targets: 7 });
  expect(awayLines()).toEqual(before);
});
