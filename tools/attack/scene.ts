import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import startServices from '../../test/support/globalSetup.ts';
import { ownDatabase, ownRedisDb, ownVhost, services } from '../../test/support/services.ts';
import { type StandInLedger, startStandInLedger } from '../../test/support/standInLedger.ts';
import { createUsers, type Users } from '../../test/support/users.ts';
import { type Closing, closeAll } from '../quickstart/run.ts';
import { startProcess } from '../services/childProcess.ts';
import { startRedis } from '../services/redis.ts';
import { type Client, client, closeClients } from './client.ts';
import { type NameServer, startNameServer } from './nameServer.ts';
import { startTasker, type TaskerProcess, withoutSettings } from './taskerProcess.ts';

/** Of Redis; what fills it up must meet a quota long before. */
const MAX_MEMORY_MB = 512;
/** Of one project in Redis; there are three. */
export const QUOTA_MB = 100;
/** An installation's exclusion that concerns nobody's request. */
export const SECRET_EXCLUSION = '192.88.98.7';

interface People {
  /** Of one project: attacks. */
  attacker: Client;
  /** Of two other projects, in one of them as the bystander. */
  owner: Client;
  admin: Client;
  /** Without a token. */
  stranger: Client;
}

export interface Scene extends People {
  directory: string;
  tasker: TaskerProcess;
  redis: Redis;
  /** The virtual host of its RabbitMQ. */
  vhost: string;
  names: NameServer;
  ledger: StandInLedger;
  users: Users;
  /** The bystander has its own: it stops all of it again and again. */
  projects: { owner: string; bystander: string; attacker: string };
  /** A second Tasker with a Redis of its own and small limits. Started when first wanted. */
  strict(): Promise<Strict>;
  close(): Promise<void>;
}

interface Strict extends People {
  redis: Redis;
  /** Read by it again and again. */
  exclusionsFile: string;
}

export const STRICT = { plans: 20, submissions: 10, exclusions: 50, targets: 100 };

/**
 * Real services, users in two projects, a Tasker, a worker that sends no packets.
 * @param more variables of its Tasker
 */
export async function openScene(more: Record<string, string> = {}): Promise<Scene> {
  const run: Closing = { directory: mkdtempSync(join(tmpdir(), 'tasker-attack-')), closers: [] };
  run.closers.push(async () => rmSync(run.directory, { recursive: true, force: true }));
  try {
    return await build(run, more);
  } catch (error) {
    await closeAll(run);
    throw error;
  }
}

async function build(run: Closing, more: Record<string, string>): Promise<Scene> {
  run.closers.push(await startServices());
  run.closers.push(closeClients);
  const names = await startNameServer();
  run.closers.push(names.close);
  const { database, drop } = await ownDatabase();
  run.closers.push(drop);
  const users = await usersIn(database);
  const ledger = await startStandInLedger({ users: { 'own-token-of-tasker': { admin: true } } });
  run.closers.push(ledger.stop);
  const { project, projectB, aliceProject } = users.projects;
  const projects = { owner: project, bystander: aliceProject, attacker: projectB };
  const common = {
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: services().postgres.host,
    POSTGRES_PORT: String(services().postgres.port),
    POSTGRES_USER: services().postgres.user,
    POSTGRES_PASSWORD: services().postgres.password,
    POSTGRES_DB: database,
    DNS_SERVERS: names.address,
    ENVIRONMENT: 'production',
    DOCS: 'true',
  };
  const peopleAt = (url: string): People => ({
    attacker: client(url, users.tokens.bob, projects.attacker),
    owner: client(url, users.tokens.alice, projects.owner),
    admin: client(url, users.tokens.admin, projects.attacker),
    stranger: client(url, '', projects.attacker),
  });
  const { redis, env } = await stores(run);
  const tasker = await startTasker('tasker', run.directory, {
    ...common,
    ...env,
    SCANLEDGER_BASE_URL: ledger.baseUrl,
    TASKER_AUTH_TOKEN: 'own-token-of-tasker',
    EXCLUDED_HOSTS: SECRET_EXCLUSION,
    // The bystander makes more plans in a minute than people do in a day.
    MAX_PLANS: '100000',
    MAX_STORED_MB: String(QUOTA_MB),
    ...more,
  });
  run.closers.push(tasker.stop);
  startWorker(run, env);
  let strict: Promise<Strict> | undefined;
  return {
    ...peopleAt(tasker.url),
    directory: run.directory,
    tasker,
    redis,
    vhost: env.RABBITMQ_VHOST ?? '',
    names,
    ledger,
    users,
    projects,
    strict: () => {
      strict ??= openStrict(run, common, peopleAt);
      return strict;
    },
    close: () => closeAll(run),
  };
}

/** Alice has her project already; the other two go to her and bob. */
async function usersIn(database: string): Promise<Users> {
  const users = await createUsers(database);
  const connection = new pg.Client({ ...services().postgres, database });
  await connection.connect();
  const link = 'INSERT INTO projectuserlink VALUES ($1, $2), ($3, $4)';
  const { project, projectB } = users.projects;
  await connection.query(link, [projectB, users.ids.bob, project, users.ids.alice]);
  await connection.end();
  return users;
}

async function stores(run: Closing): Promise<{ redis: Redis; env: Record<string, string> }> {
  const server = services().redis;
  const db = await ownRedisDb();
  const redis = new Redis({ ...server, db });
  run.closers.push(async () => redis.disconnect());
  await redis.config('SET', 'appendonly', 'yes');
  await redis.config('SET', 'maxmemory', `${MAX_MEMORY_MB}mb`);
  return { redis, env: { ...redisEnv({ ...server, db }), ...(await rabbitmqEnv(run)) } };
}

function redisEnv({ host, port, db }: { host: string; port: number; db: number }): Record<string, string> {
  return { REDIS_HOST: host, REDIS_PORT: String(port), REDIS_DB: String(db) };
}

async function rabbitmqEnv(run: Closing): Promise<Record<string, string>> {
  const { host, port, user, password } = services().rabbitmq;
  const { vhost, drop } = await ownVhost();
  run.closers.push(drop);
  return {
    RABBITMQ_HOST: host,
    RABBITMQ_PORT: String(port),
    RABBITMQ_USER: user,
    RABBITMQ_PASSWORD: password,
    RABBITMQ_VHOST: vhost,
  };
}

function startWorker(run: Closing, env: Record<string, string>): void {
  const worker = startProcess({
    command: process.execPath,
    args: ['--import', 'tsx', 'tools/simulatedWorker.ts'],
    cwd: process.cwd(),
    env: { ...withoutSettings(), ...env, WORKER_HOSTNAME: 'attacked', SCAN_MS: '50' },
    logFile: join(run.directory, 'worker.log'),
  });
  run.closers.push(worker.stop);
}

async function openStrict(
  run: Closing,
  common: Record<string, string>,
  peopleAt: (url: string) => People,
): Promise<Strict> {
  const server = await startRedis({ directory: join(run.directory, 'strict-redis'), databases: 16 });
  run.closers.push(server.kill);
  const redis = new Redis({ host: server.host, port: server.port, db: 3 });
  run.closers.push(async () => redis.disconnect());
  const exclusionsFile = join(run.directory, 'exclusions.txt');
  writeFileSync(exclusionsFile, '# no exclusions\n');
  const tasker = await startTasker('strict', run.directory, {
    ...common,
    ...redisEnv({ ...server, db: 3 }),
    ...(await rabbitmqEnv(run)),
    EXCLUDED_HOSTS_FILE: exclusionsFile,
    DISPATCH_WINDOW: '10',
    MAX_TARGETS: String(STRICT.targets),
    MAX_PLANS: String(STRICT.plans),
    MAX_OPEN_SUBMISSIONS: String(STRICT.submissions),
    MAX_EXCLUSIONS: String(STRICT.exclusions),
  });
  run.closers.push(tasker.stop);
  return { ...peopleAt(tasker.url), redis, exclusionsFile };
}
