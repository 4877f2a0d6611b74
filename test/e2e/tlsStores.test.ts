/** Tasker as production has it: every store over TLS with certificates on both sides, secrets in files, sentinels. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { freePort } from '../../tools/services/ports.ts';
import { type RedisServer, startRedis, startSentinel } from '../../tools/services/redis.ts';
import { certificateAuthority } from '../support/certificate.ts';
import { eventually, ownDatabase, ownVhost, services } from '../support/services.ts';
import { scan, startTasker, type Tasker } from '../support/tasker.ts';
import { createUsers, type Users } from '../support/users.ts';

const HOST = '127.0.0.1';
const REDIS_SECRET = 'hush-redis';
const DB = 4;
const SENTINEL_NAME = 'scans';

let directory: string;
let users: Users;
let master: RedisServer;
let atReplica: Redis;
let tasker: Tasker;
const closers: (() => unknown)[] = [];

const file = (name: string, content: string) => {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

function certificateVariables(store: string, { ca, cert, key }: { ca: string; cert: string; key: string }) {
  return {
    [`${store}_CA`]: file(`${store}-ca.pem`, ca),
    [`${store}_CERT`]: file(`${store}-cert.pem`, cert),
    [`${store}_KEY`]: file(`${store}-key.pem`, key),
  };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-production-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const authority = await certificateAuthority();
  const tls = { ca: authority.cert, ...(await authority.issue()) };
  const redis = (name: string) => ({ directory: join(directory, name), password: REDIS_SECRET, tls });
  master = await startRedis({ ...redis('master'), appendonly: true });
  closers.push(() => master.kill());
  const replica = await startRedis({ ...redis('replica'), appendonly: true, replicaOf: master.port });
  closers.push(() => replica.kill());
  atReplica = new Redis({ host: HOST, port: replica.port, db: DB, password: REDIS_SECRET, tls });
  closers.push(() => atReplica.disconnect());
  const sentinel = await startSentinel({ ...redis('sentinel'), master: master.port, name: SENTINEL_NAME });
  closers.push(() => sentinel.kill());

  const { database, drop: dropDatabase } = await ownDatabase();
  closers.push(dropDatabase);
  users = await createUsers(database);
  const { vhost, drop: dropVhost } = await ownVhost();
  closers.push(dropVhost);
  const { rabbitmq, postgres, tls: shown } = services();
  const login = `${rabbitmq.user}:${rabbitmq.password}`;
  tasker = await startTasker({
    ENVIRONMENT: 'production',
    REDIS_SENTINELS: `${HOST}:${await freePort()},${HOST}:${sentinel.port}`,
    REDIS_SENTINEL_NAME: SENTINEL_NAME,
    REDIS_SENTINEL_PASSWORD_FILE: file('sentinel-password', `${REDIS_SECRET}\n`),
    REDIS_PASSWORD_FILE: file('redis-password', `${REDIS_SECRET}\n`),
    REDIS_DB: String(DB),
    REDIS_TLS: 'true',
    ...certificateVariables('REDIS', tls),
    RABBITMQ_URL_FILE: file(
      'rabbitmq-url',
      `amqps://${login}@${HOST}:${await freePort()},${HOST}:${rabbitmq.tlsPort}/${vhost}\n`,
    ),
    ...certificateVariables('RABBITMQ', shown),
    POSTGRES_HOST: HOST,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD_FILE: file('postgres-password', postgres.password),
    POSTGRES_DB: database,
    POSTGRES_SSL: 'verify-full',
    ...certificateVariables('POSTGRES', shown),
    DISPATCH_WINDOW: '1000',
  });
});

afterAll(async () => {
  await tasker?.stop();
  for (const close of closers.reverse()) await close();
});

const ready = async () => (await tasker.get('/ready', users.tokens.admin)).body;

async function sends(host: string): Promise<void> {
  const { project } = users.projects;
  const answer = await eventually('Tasker takes it', async () => {
    const given = await tasker.post(`/tasks/${project}/run-nmap`, scan([host]), users.tokens.admin);
    return given.status !== 503 && given;
  });
  expect(answer).toMatchObject({ status: 200, body: { summary: { sent_to_scan: 1 } } });
  const { href } = answer.body.submission;
  await eventually('its task is in RabbitMQ', async () => {
    const { body } = await tasker.get(href, users.tokens.admin);
    return body.progress.sent === 1;
  });
}

it('Tasker sends scans, and goes on with the next Redis when the sentinels have chosen it', async () => {
  const ok = { status: 'ok' };
  await eventually('all stores answer', async () => (await ready()).services.rabbitmq.status === 'ok');
  expect(await ready()).toMatchObject({ services: { redis: ok, rabbitmq: ok, 'auth store': ok } });
  await sends('9.9.9.9');
  const key = workerKeys.projectTasks(users.projects.project);
  await eventually('the replica has the task', async () => (await atReplica.scard(key)) === 1);

  await master.kill();
  await eventually('the replica is the master', async () => (await atReplica.role())[0] === 'master');
  await sends('9.9.9.10');
  const status = await tasker.get(`/tasks/${users.projects.project}/status`, users.tokens.admin);
  expect(status.body.active_or_queued).toBe(2);
});
