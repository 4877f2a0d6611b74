import { randomUUID } from 'node:crypto';
import type { Channel, ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { PauseScope } from '../../../src/adapters/dispatch/pauseStore.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { healLost } from '../../../src/flows/heal/healLost.ts';
import { pause, resumePaused } from '../../../src/flows/takeBack/pause.ts';
import { connectedBroker } from '../../support/broker.ts';
import { withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { connectRabbit, SCAN_QUEUE, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { workOn } from '../../support/workOn.ts';

let scene: FlowScene;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const services = () => withTurns(scene);
/** As the chore does, with nothing to wait for. */
const look = () => healLost(services(), { quietMs: 0, sureMs: 0 });
const depth = () => scene.services.broker.depth();
const resent = async (id: string) => (await scene.stores.submissions.facts(id)).resent;
const waiting = (id: string) => scene.stores.again.count(id);
/** A scan of 14 addresses that is sent. */
async function sent(): Promise<string> {
  scene.runJobs();
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await scene.untilState(id, 'done');
  expect(await depth()).toBe(14);
  return id;
}

async function openChannel(): Promise<Channel> {
  const connection = await connectRabbit(scene.stages.vhost);
  connection.on('error', () => {});
  onTestFinished(() => connection.close().catch(() => {}));
  return connection.createChannel();
}

/** A worker that takes one task and writes nothing; it says what it has when it is asked, if it `answers`. */
async function worker(host: string, answers = true): Promise<string> {
  const channel = await openChannel();
  await channel.prefetch(1);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'celery.pidbox', '');
  const taken = await new Promise<string>((resolve) => {
    const take = (message: ConsumeMessage | null) => resolve(String(message?.properties.headers?.id));
    void channel.consume(SCAN_QUEUE, take);
  });
  const answer = (message: ConsumeMessage | null) => {
    if (message === null) return;
    const { method, arguments: asked, ticket, reply_to: to } = JSON.parse(String(message.content));
    if (method !== 'query_task' || !answers) return;
    const held = asked.ids.includes(taken) ? { [taken]: ['reserved', {}] } : {};
    const content = Buffer.from(JSON.stringify({ [`${SCAN_QUEUE}@${host}`]: held }));
    channel.publish(to.exchange, to.routing_key, content, { headers: { ticket } });
  };
  await channel.consume(queue, answer, { noAck: true });
  return taken;
}

it('what a purge took is sent again, each task once, with its id', async () => {
  const id = await sent();
  const before = await scene.redis.smembers(workerKeys.projectTasks(project));
  await (await openChannel()).purgeQueue(SCAN_QUEUE);
  await look();
  // One look may be an accident.
  expect(await waiting(id)).toBe(0);
  await look();
  await eventually('all are back', async () => (await depth()) === 14);
  await scene.untilState(id, 'done');
  expect(await resent(id)).toBe(14);
  await look();
  await look();
  expect(await resent(id)).toBe(14);
  const tasks = await takeTasks(scene.stages.vhost);
  expect(tasks.map((task) => task.id).sort()).toEqual(before.sort());
});

it('what stands in the queue, runs or has ended is not sent again beside what is lost', async () => {
  const id = await sent();
  const [ended, runs, lost, ...rest] = await takeTasks(scene.stages.vhost);
  if (!ended || !runs || !lost) throw new Error('no tasks came');
  await workOn(scene.redis, [ended]);
  await scene.redis.hset(workerKeys.tool('host'), runs.id, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  const channel = await openChannel();
  for (const { task, headers } of rest)
    channel.publish('nmap_exchange', 'nmap.scan', Buffer.from(JSON.stringify([[task], {}, {}])), { headers });
  await eventually('they are ready', async () => (await depth()) === 11);
  await look();
  await look();
  await eventually('the lost one is back', async () => (await depth()) === 12);
  expect(await resent(id)).toBe(1);
  const ids = (await takeTasks(scene.stages.vhost)).map((task) => task.id);
  expect(ids.sort()).toEqual([lost, ...rest].map((task) => task.id).sort());
});

it('a task in the hand of a worker that has written nothing is not sent again', async () => {
  const id = await sent();
  const [one, two] = [await worker('scan-1'), await worker('scan-2')];
  await (await openChannel()).purgeQueue(SCAN_QUEUE);
  await look();
  await look();
  await eventually('the others are back', async () => (await depth()) === 12);
  expect(await resent(id)).toBe(12);
  const ids = new Set((await takeTasks(scene.stages.vhost)).map((task) => task.id));
  expect(ids.has(one) || ids.has(two)).toBe(false);
});

it('as long as one that takes tasks does not say what it has, nothing is sent again', async () => {
  const id = await sent();
  await worker('scan-1');
  await worker('frozen', false);
  await (await openChannel()).purgeQueue(SCAN_QUEUE);
  await look();
  await look();
  expect(await resent(id)).toBe(0);
  expect(scene.lines.some((line) => line.includes('until all workers say'))).toBe(true);
});

it.each([
  ['paused scan', (id: string): PauseScope => ({ project, submission: id })],
  ['paused project', (): PauseScope => ({ project })],
  ['installation that is paused', (): PauseScope => ({})],
])('tasks of a %s are not sent again until it goes on', async (_, scopeOf) => {
  scene.runJobs({}, 5);
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await eventually('the window is full', async () => (await depth()) === 5);
  await takeTasks(scene.stages.vhost);
  await pause(scopeOf(id), { since: '', by: 'ann', why: null, running: 'finish' }, services());
  const lost = (await scene.redis.smembers(workerKeys.projectTasks(project))).length;
  expect(lost).toBeGreaterThanOrEqual(5);
  await look();
  await look();
  expect(await resent(id)).toBe(0);
  await scene.queues.publish.pause();
  await resumePaused(scopeOf(id), services());
  await look();
  await look();
  expect(await resent(id)).toBe(lost);
  await scene.queues.publish.resume();
});

it('tasks of a stopped scan, or of a part that is on its way, are left alone', async () => {
  const id = await sent();
  await takeTasks(scene.stages.vhost);
  const { facts } = submissionKeys(id);
  await scene.redis.hincrby(facts, 'tracked', 1);
  await look();
  await look();
  expect(await resent(id)).toBe(0);
  await scene.redis.hincrby(facts, 'tracked', -1);
  await scene.redis.hset(facts, 'state', 'stopped');
  await look();
  await look();
  expect(await resent(id)).toBe(0);
});

it('looks for nothing while nothing is out, or RabbitMQ is away', async () => {
  await look();
  expect(await scene.redis.exists('tasker:missing')).toBe(0);
  await sent();
  await (await openChannel()).purgeQueue(SCAN_QUEUE);
  const away = await connectedBroker(scene.stages.vhost);
  await away.close();
  await healLost({ ...services(), broker: away }, { quietMs: 0, sureMs: 0 });
  expect(await scene.redis.exists('tasker:missing')).toBe(0);
  // Not missing for long enough.
  await healLost(services());
  expect(await scene.redis.hkeys('tasker:missing')).toEqual(['since']);
});
