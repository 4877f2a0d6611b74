/** A real Celery worker that dies of its task again and again, as callers see it: failed, and sent again when asked. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STARTS_KEY } from '../../src/adapters/redis/keys.ts';
import { type CeleryWorker, startCeleryWorker } from '../support/celeryWorker/celeryWorker.ts';
import { queueDepth } from '../support/scanQueue.ts';
import { eventually, services } from '../support/services.ts';
import { scan } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

const HOST = 'scan-1';
const LONG_S = 600;
let scene: TwoProjects;
let alices: string;
let worker: CeleryWorker | undefined;
beforeAll(async () => {
  scene = await startWithUsers();
  alices = `/tasks/${scene.users.projects.aliceProject}`;
});
afterAll(async () => {
  await worker?.stop();
  await scene?.close();
});

const as = (name: 'admin' | 'alice' | 'bob', method: string, path: string, body?: unknown) =>
  scene.call(method, path, scene.users.tokens[name], body);

async function startWorker(scanSeconds: number): Promise<void> {
  const { vhost, db } = scene.installation;
  worker = await startCeleryWorker({ ...services(), vhost, db, hostname: HOST, scanSeconds });
}

/** The only worker begins the task, and its power goes; so often. */
async function dieOf(times: number): Promise<void> {
  for (let died = 0; died < times; died++) {
    await startWorker(LONG_S);
    await eventually('its start is noted', async () => {
      const [starts = ''] = await scene.installation.redis.hvals(STARTS_KEY);
      return starts.split(' ').length === died + 1 && starts !== '';
    });
    await worker?.kill();
  }
}

async function text(path: string, type: string): Promise<string> {
  const headers = { authorization: `Bearer ${scene.users.tokens.alice}`, accept: type };
  return (await fetch(scene.tasker.url + path, { headers })).text();
}

it('what one worker began three times under its name fails, is told everywhere, and ends after a retry', async () => {
  const { body } = await as('alice', 'POST', `${alices}/run-nmap`, scan(['11.2.0.1']));
  const path = `${alices}/submissions/${body.submission.id}`;
  expect(await as('alice', 'POST', `${path}/retry-failed`)).toEqual({ status: 200, body: { retried: 0 } });
  await dieOf(3);
  const failed = await eventually('it has failed', async () => {
    const answer = (await as('alice', 'GET', path)).body;
    return answer.state === 'finished' && answer;
  });
  expect(failed).toMatchObject({ failed: 1, progress: { total: 1, done: 0, failed: 1, remaining: 0 } });
  expect((await as('alice', 'GET', `${alices}/submissions`)).body.submissions).toMatchObject([{ failed: 1 }]);
  expect(await queueDepth(scene.installation.vhost)).toBe(0);

  const { targets } = (await as('alice', 'GET', `${path}/targets?state=failed`)).body;
  const start = { worker: HOST, started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.000Z$/) };
  expect(targets).toMatchObject([{ target: '11.2.0.1', state: 'failed', starts: [start, start, start] }]);
  const [{ starts, task_id: task }] = targets;
  expect(new Set(starts.map(({ started_at }: { started_at: string }) => started_at)).size).toBe(3);
  const lines = await text(`${path}/targets?state=failed`, 'application/x-ndjson');
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(targets);
  const begun = starts.map((each: typeof start) => `${each.worker}@${each.started_at}`).join(' ');
  expect(await text(`${path}/targets?state=failed`, 'text/csv')).toContain(
    `11.2.0.1,,failed,,${task},,${begun}`,
  );
  const explained = (await as('alice', 'GET', `${alices}/explain?target=11.2.0.1`)).body;
  expect(explained.submissions[0].addresses).toMatchObject([{ state: 'failed', task_id: task, starts }]);

  expect((await as('bob', 'POST', `${path}/retry-failed`)).status).toBe(401);
  expect(await as('alice', 'POST', `${path}/retry-failed`)).toEqual({ status: 200, body: { retried: 1 } });
  expect((await as('alice', 'GET', `${alices}/audit`)).body.entries[0]).toMatchObject({
    event: 'submission.retried',
    on: { submission: body.submission.id },
    user: { username: 'alice' },
  });
  await startWorker(1);
  await eventually('it has ended', async () => (await as('alice', 'GET', path)).body.state === 'finished');
  const ended = (await as('alice', 'GET', path)).body;
  expect(ended).toMatchObject({ failed: 0, progress: { done: 1, failed: 0, remaining: 0 } });
  const received = await scene.installation.redis.lrange('test:received', 0, -1);
  expect(received.map((line) => JSON.parse(line).id)).toEqual([task, task, task, task]);
  await worker?.stop();
});

it('what is unknown, of another project or stopped is not sent again', async () => {
  const { body } = await as('alice', 'POST', `${alices}/run-nmap`, scan(['11.3.0.1']));
  const { id } = body.submission;
  const unknown = { status: 404, body: { code: 'unknown_submission' } };
  for (const other of [`${alices}/submissions/nothing`, `${alices}/submissions/${randomUUID()}`])
    expect(await as('alice', 'POST', `${other}/retry-failed`)).toMatchObject(unknown);
  const others = `/tasks/${scene.users.projects.projectB}/submissions/${id}/retry-failed`;
  expect(await as('admin', 'POST', others)).toMatchObject(unknown);
  expect((await as('alice', 'POST', `${alices}/submissions/${id}/cancel`)).status).toBe(200);
  expect(await as('alice', 'POST', `${alices}/submissions/${id}/retry-failed`)).toMatchObject({
    status: 409,
    body: { code: 'submission_ended', detail: expect.stringContaining('stopped') },
  });
});
