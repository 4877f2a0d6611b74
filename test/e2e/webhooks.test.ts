/** Webhooks as members use them, and what becomes of a call when processes are killed. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIT_KEY } from '../../src/adapters/redis/keys.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';
import { isSigned, webhookReceiver } from '../support/webhookReceiver.ts';

let installation: Installation;
let tasker: Tasker;
const running: Tasker[] = [];
async function start(env: Record<string, string> = {}): Promise<Tasker> {
  const one = await startTasker({ ...installation.env, WEBHOOK_ALLOW_PRIVATE: 'true', ...env });
  running.push(one);
  return one;
}
beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await start();
});
afterAll(async () => {
  for (const each of running) await each.stop();
  await installation?.drop();
});

const put = (url: string, project: string, more: object = {}, by = tasker) =>
  by.send('PUT', `/tasks/${project}/webhooks`, { webhooks: [{ url, ...more }] });

it('a secret is shown once, calls are signed with it, and nothing else tells it', async () => {
  const receiver = await webhookReceiver();
  const project = randomUUID();
  const path = `/tasks/${project}/webhooks`;
  const written = await put(`${receiver.url}-key-of-the-chat`, project);
  expect(written.status).toBe(200);
  const { secret, ...one } = written.body.webhooks[0];
  expect((await tasker.get(path)).body).toEqual({ webhooks: [one] });
  const again = await put(`${receiver.url}-key-of-the-chat`, project, { events: ['scan.planned'] });
  expect(again.body).toEqual({ webhooks: [{ ...one, events: ['scan.planned'] }] });

  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.0.0.1']));
  await eventually('it is called', () => receiver.calls.length === 1);
  const [call] = receiver.calls;
  expect(call && isSigned(secret, call)).toBe(true);
  expect(JSON.parse(call?.text ?? '')).toMatchObject({
    ...{ type: 'scan.planned', project },
    data: { scan: { id: body.submission.id }, targets: 1 },
  });
  const told = await eventually('the success is told', async () => {
    const [state] = (await tasker.get(path)).body.webhooks;
    return state.last_success && state;
  });
  const { events, next, missed } = (await tasker.get(`/tasks/${project}/events`)).body;
  expect(events).toEqual([JSON.parse(call?.text ?? '')]);
  expect([told.last_success.event, missed]).toEqual([next, false]);
  expect((await tasker.get(`/tasks/${project}/events?after=${next}`)).body).toEqual({
    ...{ events: [], next, missed: false },
  });
  expect((await tasker.get(`/tasks/${project}/events?after=yesterday`)).status).toBe(422);

  expect((await tasker.send('DELETE', path, {})).body).toEqual({ removed: 1 });
  const trail = JSON.stringify(await installation.redis.xrange(AUDIT_KEY, '-', '+'));
  expect(trail).toContain(new URL(receiver.url).origin);
  for (const text of [trail, JSON.stringify(tasker.logs)])
    for (const hidden of [secret, 'key-of-the-chat']) expect(text).not.toContain(hidden);
  await receiver.close();
});

it('what cannot be called is refused, with why', async () => {
  const project = randomUUID();
  const closed = await start({ WEBHOOK_ALLOW_PRIVATE: 'false', ROLE: 'api' });
  const problem = async (body: object) => {
    const answer = await closed.send('PUT', `/tasks/${project}/webhooks`, body);
    expect(answer.status).toBe(422);
    return answer.body.detail.map(
      ({ loc, msg }: { loc: unknown[]; msg: string }) => `${loc.join('.')}: ${msg}`,
    );
  };
  const one = (url: string, more = {}) => problem({ webhooks: [{ url, ...more }] });
  const at = 'body.webhooks.0';
  for (const host of [
    '127.0.0.1',
    '10.1.2.3',
    '[::1]',
    '2130706433',
    '0x7f.1',
    '169.254.169.254',
    '[fd00::1]',
  ])
    expect(await one(`http://${host}/`)).toEqual([`${at}.url: it is a private or special address`]);
  expect(await one('ftp://example.com/')).toEqual([`${at}.url: it begins with https:// or http://`]);
  expect(await one('nothing')).toEqual([`${at}.url: it is no URL`]);
  expect(await one('https://ann:key@example.com/')).toEqual([
    expect.stringContaining('signed with the secret'),
  ]);
  expect(await one('https://example.com/', { secret: 'x' })).toEqual([expect.stringContaining('whsec_')]);
  expect(await one('https://example.com/', { events: ['scan.planed'] })).toHaveLength(1);
  expect(await one('https://example.com/', { evnets: [] })).toHaveLength(1);
  const many = Array.from({ length: 11 }, (_, index) => ({ url: `https://example.com/${index}` }));
  expect(await problem({ webhooks: many })).toHaveLength(1);
  expect(
    await problem({ webhooks: [{ url: 'https://example.com' }, { url: 'https://EXAMPLE.com/' }] }),
  ).toHaveLength(1);
  expect((await closed.get(`/tasks/${project}/webhooks`)).body).toEqual({ webhooks: [] });
});

it('an event is delivered, also when every process dies before and during the call', async () => {
  let answers = false;
  const receiver = await webhookReceiver((res) => void (answers && res.end()));
  await tasker.stop();
  const project = randomUUID();
  const api = await start({ ROLE: 'api' });
  const { body } = await put(receiver.url, project, {}, api);
  await api.post(`/tasks/${project}/pause`, { why: 'a release' });
  await api.kill();
  expect(receiver.calls).toEqual([]);

  const dying = await start({ ROLE: 'jobs' });
  await eventually('it is called', () => receiver.calls.length === 1);
  await dying.kill();
  answers = true;
  await start({ ROLE: 'jobs' });
  await eventually('it is called again', () => receiver.calls.length === 2);
  expect(receiver.types()).toEqual(['scan.paused', 'scan.paused']);
  expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  for (const call of receiver.calls) expect(isSigned(body.webhooks[0].secret, call)).toBe(true);
  await receiver.close();
}, 60_000);

it('a call that failed for good is on the board, and can be retried there', async () => {
  let status = 410;
  const receiver = await webhookReceiver((res) => void res.writeHead(status).end());
  const project = randomUUID();
  const api = await start({ ROLE: 'api' });
  const { body } = await put(receiver.url, project, {}, api);
  await api.post(`/tasks/${project}/pause`, {});
  const shown = await eventually('it is disabled', async () => {
    const [one] = (await api.get(`/tasks/${project}/webhooks`)).body.webhooks;
    return one.disabled && one;
  });
  expect(shown).toMatchObject({
    disabled: 'it answered 410: it is gone',
    last_failure: { reason: 'it answered 410' },
  });
  status = 200;
  await put(receiver.url, project, {}, api);
  const board = (await api.get('/board/api/queues?activeQueue=webhooks&status=failed')).body;
  const queue = board.queues.find(({ name }: { name: string }) => name === 'webhooks');
  expect(queue.jobs[0]).toMatchObject({ data: { project, webhook: body.webhooks[0].id } });
  const retried = await fetch(`${api.url}/board/api/queues/webhooks/${queue.jobs[0].id}/retry`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${installation.env.TASKER_TOKEN}` },
  });
  expect(retried.status).toBe(204);
  await eventually('it is called again', () => receiver.calls.length === 2);
  await receiver.close();
});
