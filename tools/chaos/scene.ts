/** All processes of a run: real servers, Tasker in three processes, workers that send no packets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startDnsServer } from '../../test/support/dnsServer.ts';
import { closeClients } from '../attack/client.ts';
import { withoutSettings } from '../attack/taskerProcess.ts';
import { type Closing, closeAll } from '../quickstart/run.ts';
import { untilReady } from '../services/childProcess.ts';
import { freePort, HOST } from '../services/ports.ts';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { ZONE } from './hosts.ts';
import { nodeVictim, serverVictim, type Victim } from './victims.ts';

export const TOKEN = 'the-token-of-a-chaos-run';
const WORKERS = 5;
const JOBS = 2;
const DATABASE = 3;
const NAME_SERVER = '127.0.0.78';
/** Seconds; callers must hear of a plan before they give up. */
const RESPONSE_DEADLINE = '20';

export interface Scene {
  directory: string;
  url: string;
  redis: Redis;
  rabbitmq: RabbitmqServer;
  victims: Victim[];
  /** What the workers write down. */
  recordsFile: string;
  /** `keep`: the logs, for whoever wants to know what happened. */
  close(keep: boolean): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const run: Closing = { directory: mkdtempSync(join(tmpdir(), 'tasker-chaos-')), closers: [] };
  const close = async (keep: boolean) => {
    await closeAll(run);
    if (!keep) rmSync(run.directory, { recursive: true, force: true });
  };
  try {
    return { ...(await build(run)), directory: run.directory, close };
  } catch (error) {
    await close(true);
    throw error;
  }
}

async function build(run: Closing): Promise<Omit<Scene, 'directory' | 'close'>> {
  const { directory } = run;
  run.closers.push(closeClients);
  const dns = await startDnsServer({ address: NAME_SERVER, zone: ZONE });
  run.closers.push(dns.stop);
  const [server, rabbitmq] = await Promise.all([
    startRedis({
      directory: join(directory, 'redis'),
      databases: 16,
      appendonly: true,
      appendfsyncAlways: true,
    }),
    startRabbitmq({ directory: join(directory, 'rabbitmq') }),
  ]);
  run.closers.push(server.kill, rabbitmq.kill);
  const redis = new Redis({ host: HOST, port: server.port, db: DATABASE, maxRetriesPerRequest: null });
  redis.on('error', () => {}); // it is killed on purpose
  run.closers.push(async () => redis.disconnect());
  const env = { ...variablesOf(server, rabbitmq), DNS_SERVERS: `${dns.address}:${dns.port}` };
  const recordsFile = join(directory, 'records');
  const port = await freePort();
  const processes = await Promise.all([
    apiProcess(directory, env, port),
    ...Array.from({ length: JOBS }, (_, index) => jobsProcess(directory, env, index + 1)),
    ...Array.from({ length: WORKERS }, (_, index) => workerProcess(directory, env, recordsFile, index + 1)),
  ]);
  for (const victim of processes) run.closers.push(victim.kill);
  const victims = [serverVictim('redis', server), serverVictim('rabbitmq', rabbitmq), ...processes];
  return { url: `http://${HOST}:${port}`, redis, rabbitmq, victims, recordsFile };
}

function variablesOf(redis: RedisServer, rabbitmq: RabbitmqServer): Record<string, string | undefined> {
  return {
    ...withoutSettings(),
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_DB: String(DATABASE),
    RABBITMQ_HOST: rabbitmq.host,
    RABBITMQ_PORT: String(rabbitmq.port),
    RABBITMQ_USER: rabbitmq.user,
    RABBITMQ_PASSWORD: rabbitmq.password,
    RABBITMQ_VHOST: '/',
    AUTH_PROVIDER: 'static',
    TASKER_TOKEN: TOKEN,
    LEDGER: 'none',
    RESPONSE_DEADLINE,
  };
}

const MAIN = join(process.cwd(), 'dist', 'main.js');
type Variables = Record<string, string | undefined>;

function apiProcess(directory: string, env: Variables, port: number): Promise<Victim> {
  const logFile = join(directory, 'api.log');
  return nodeVictim({
    kind: 'api',
    name: 'api',
    args: [MAIN],
    cwd: directory,
    env: { ...env, ROLE: 'api', PORT: String(port) },
    logFile,
    ready: (running) =>
      untilReady('the API', running, logFile, async () => {
        const answer = await fetch(`http://${HOST}:${port}/health`);
        await answer.arrayBuffer();
      }),
  });
}

function jobsProcess(directory: string, env: Variables, number: number): Promise<Victim> {
  const name = `jobs-${number}`;
  const logFile = join(directory, `${name}.log`);
  return nodeVictim({
    ...{ kind: 'jobs', name, logFile },
    args: [MAIN],
    cwd: directory,
    env: { ...env, ROLE: 'jobs' },
  });
}

function workerProcess(
  directory: string,
  env: Variables,
  recordsFile: string,
  number: number,
): Promise<Victim> {
  const name = `worker-${number}`;
  return nodeVictim({
    ...{ kind: 'workers', name },
    args: ['--import', 'tsx', join('tools', 'chaos', 'worker.ts')],
    cwd: process.cwd(),
    env: { ...env, CHAOS_WORKER: name, CHAOS_RECORDS: recordsFile },
    logFile: join(directory, `${name}.log`),
  });
}
