import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RabbitmqConfig, RedisConfig } from '../../src/config/config.ts';
import { variableNames } from '../../src/config/environment.ts';
import { type RunningProcess, startProcess, untilReady } from '../services/childProcess.ts';
import { freePort, HOST, isFree } from '../services/ports.ts';
import type { Closing } from './run.ts';

export interface Tasker {
  url: string;
  token: string;
  process: RunningProcess;
}

export interface Servers {
  redis: RedisConfig;
  rabbitmq: RabbitmqConfig;
}

/** Starts the built Tasker: a generated token, no ledger. Its log is `tasker.log` in the run's directory. */
export async function startTasker(servers: Servers, wantedPort: number, run: Closing): Promise<Tasker> {
  const port = (await isFree(wantedPort)) ? wantedPort : await freePort();
  const token = randomBytes(18).toString('base64url');
  const logFile = join(run.directory, 'tasker.log');
  const server = startProcess({
    command: process.execPath,
    args: [join(process.cwd(), 'dist', 'main.js')],
    // Not our directory: the .env there may name other providers and other servers.
    cwd: run.directory,
    env: {
      ...withoutSettings(),
      ...addressesOf(servers),
      PORT: String(port),
      AUTH_PROVIDER: 'static',
      TASKER_TOKEN: token,
      LEDGER: 'none',
    },
    logFile,
  });
  run.closers.push(server.stop);
  const url = `http://${HOST}:${port}`;
  await untilReady('Tasker', server, logFile, async () => {
    const response = await fetch(`${url}/ready`);
    if (!response.ok) throw new Error(await response.text());
  });
  return { url, token, process: server };
}

const WORKER_SOURCES = ['tools/simulatedWorker.ts', 'tools/simulatedWorker/main.ts'];

/** Starts a worker that takes tasks and sends no packets. Its log is `worker.log` in the run's directory. */
export function startWorker(servers: Servers, run: Closing): RunningProcess {
  const source = WORKER_SOURCES.find(existsSync);
  if (!source) throw new Error(`${WORKER_SOURCES[0]} is missing`);
  const worker = startProcess({
    command: process.execPath,
    args: ['--import', 'tsx', source],
    cwd: process.cwd(),
    env: { ...withoutSettings(), ...addressesOf(servers), WORKER_HOSTNAME: 'quickstart', SCAN_MS: '400' },
    logFile: join(run.directory, 'worker.log'),
  });
  run.closers.push(worker.stop);
  return worker;
}

/** Takes all of Tasker's variables out of the environment that a child gets from us. */
function withoutSettings(): Record<string, undefined> {
  const names = variableNames().flatMap((name) => [name, name.toLowerCase()]);
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function addressesOf({ redis, rabbitmq }: Servers): Record<string, string> {
  return {
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_DB: String(redis.db),
    ...(redis.password && { REDIS_PASSWORD: redis.password }),
    RABBITMQ_HOST: rabbitmq.host,
    RABBITMQ_PORT: String(rabbitmq.port),
    RABBITMQ_USER: rabbitmq.user,
    RABBITMQ_PASSWORD: rabbitmq.password,
    RABBITMQ_VHOST: rabbitmq.vhost,
  };
}
