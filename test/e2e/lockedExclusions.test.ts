/** What an admin excludes, or what is locked, no member ends; and whose list of the installation it is. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { projectKeys } from '../../src/adapters/redis/keys.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
beforeAll(async () => {
  scene = await startWithUsers({ EXCLUDED_HOSTS: '192.0.2.77' });
});
afterAll(() => scene?.close());

const path = () => `/tasks/${scene.users.projects.aliceProject}/exclusions`;
const as = (name: 'admin' | 'alice', method: string, body?: unknown) =>
  scene.call(method, path(), scene.users.tokens[name], body);
const entries = async () => {
  const { body } = await as('admin', 'GET');
  return body.exclusions.map(({ entry, by }: { entry: string; by: { username: string } }) => [
    entry,
    by.username,
  ]);
};
const why = 'annex B';

beforeEach(async () => {
  expect((await as('admin', 'PUT', { hosts: ['8.8.8.0/28'], why })).status).toBe(200);
  expect((await as('alice', 'POST', { hosts: ['8.8.4.4'], why })).status).toBe(200);
  expect((await as('alice', 'POST', { hosts: ['8.8.4.5'], why, locked: true })).status).toBe(200);
});

const BEFORE = [
  ['8.8.8.0/28', 'admin'],
  ['8.8.4.4', 'alice'],
  ['8.8.4.5', 'alice'],
];

it.each([
  ['DELETE', { hosts: ['8.8.8.0/28'] }],
  ['DELETE', { hosts: ['8.8.4.4', '8.8.8.0/28'] }],
  ['DELETE', { hosts: ['8.8.4.5'] }],
  ['PUT', { hosts: [], why }],
  ['PUT', { hosts: ['8.8.8.0/29', '8.8.4.5'], why }],
  ['PUT', { hosts: ['8.8.8.0/28', '8.8.4.5'], why, until: '2099-01-01' }],
  ['POST', { hosts: ['8.8.8.0/28'], why, until: '2099-01-01' }],
])('a member cannot %s %j', async (method, body) => {
  const answer = await as('alice', method, body);
  expect(answer).toMatchObject({
    status: 403,
    body: { detail: expect.stringMatching(/only an admin.*8\.8\./) },
  });
  expect(await entries()).toEqual(BEFORE);
});

it('a member changes the rest, and may send again what is locked', async () => {
  expect((await as('alice', 'DELETE', { hosts: ['8.8.4.4'] })).body.removed).toEqual(['8.8.4.4']);
  const { status } = await as('alice', 'PUT', { hosts: ['8.8.8.0/28', '8.8.4.5', '9.9.9.9'], why: 'mine' });
  expect(status).toBe(200);
  const { body } = await as('alice', 'GET');
  expect(body.exclusions).toMatchObject([
    { entry: '8.8.8.0/28', why, by: { username: 'admin', admin: true } },
    { entry: '8.8.4.5', why, by: { username: 'alice', admin: false }, locked: true },
    { entry: '9.9.9.9', why: 'mine', by: { username: 'alice', admin: false } },
  ]);
});

it('an admin ends all of it', async () => {
  expect((await as('admin', 'DELETE', { hosts: ['8.8.4.5'] })).status).toBe(200);
  expect((await as('admin', 'PUT', { hosts: [], why })).status).toBe(200);
  expect(await entries()).toEqual([]);
});

it('of what was kept before, only its maker and an admin end an entry', async () => {
  const { redis } = scene.installation;
  const { ids, projects } = scene.users;
  const key = projectKeys(projects.aliceProject).exclusions;
  const kept = (entry: string, by: object) =>
    JSON.stringify({ entry, by, at: '2026-01-01T00:00:00.000Z', why, until: null });
  await redis.hset(key, '9.9.9.1', kept('9.9.9.1', { id: ids.alice, username: 'alice' }));
  await redis.hset(key, '9.9.9.2', kept('9.9.9.2', { id: ids.bob, username: 'bob' }));
  expect((await as('alice', 'DELETE', { hosts: ['9.9.9.2'] })).status).toBe(403);
  expect((await as('alice', 'DELETE', { hosts: ['9.9.9.1'] })).status).toBe(200);
  expect((await as('admin', 'DELETE', { hosts: ['9.9.9.2'] })).status).toBe(200);
});

it('what is locked goes with its end', async () => {
  const { redis } = scene.installation;
  const key = projectKeys(scene.users.projects.aliceProject).exclusions;
  const by = { id: 'u', username: 'root', admin: true };
  const over = {
    entry: '9.9.9.3',
    by,
    at: '2026-01-01T00:00:00.000Z',
    why,
    until: '2026-01-02T00:00:00.000Z',
  };
  await redis.hset(key, '9.9.9.3', JSON.stringify(over));
  expect((await as('alice', 'POST', { hosts: ['9.9.9.3'], why })).status).toBe(200);
  expect((await as('alice', 'DELETE', { hosts: ['9.9.9.3'] })).body.removed).toEqual(['9.9.9.3']);
});

it('the exclusions of the installation are for admins; whose target it is learns of its own', async () => {
  expect((await as('admin', 'GET')).body).toMatchObject({
    installation: ['192.0.2.77'],
    installation_hidden: false,
  });
  expect((await as('alice', 'GET')).body).toMatchObject({ installation: [], installation_hidden: true });
});
