import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { RabbitmqConfig, RedisConfig } from '../../src/config/config.ts';
import { freePort, HOST } from '../services/ports.ts';
import type { Closing, Found } from './run.ts';

const COMPOSE = ['compose', '--project-name', 'tasker-quickstart'];

/** Whether `docker compose` and its daemon are there. */
export function hasCompose(): boolean {
  const works = (...args: string[]) =>
    spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
  return works('compose', 'version') && works('info');
}

/** Compose wants all of them, whichever service it starts. */
const SECRETS = [
  'REDIS_PASSWORD',
  'RABBITMQ_PASSWORD',
  'POSTGRES_PASSWORD',
  'TASKER_AUTH_TOKEN',
  'SCANLEDGER_ADMIN_TOKEN',
];

export async function composeRedis(run: Closing): Promise<Found<RedisConfig>> {
  const port = await freePort();
  const password = secret();
  up('redis', { REDIS_PUBLISHED_PORT: String(port), REDIS_PASSWORD: password }, run);
  return { host: HOST, port, password, db: 3, found: `started in a container at ${HOST}:${port}` };
}

export async function composeRabbitmq(run: Closing): Promise<Found<RabbitmqConfig>> {
  const port = await freePort();
  const login = { user: 'tasker', password: secret(), vhost: '/' };
  up(
    'rabbitmq',
    {
      RABBITMQ_PUBLISHED_PORT: String(port),
      RABBITMQ_USER: login.user,
      RABBITMQ_PASSWORD: login.password,
      RABBITMQ_VHOST: login.vhost,
    },
    run,
  );
  return { host: HOST, port, ...login, found: `started in a container at ${HOST}:${port}` };
}

function secret(): string {
  return randomBytes(12).toString('hex');
}

function up(service: string, variables: Record<string, string>, run: Closing): void {
  const unused = Object.fromEntries(SECRETS.map((name) => [name, secret()]));
  const env = { ...process.env, ...unused, ...variables };
  run.closers.push(async () => {
    spawnSync('docker', [...COMPOSE, 'down', '--volumes'], {
      stdio: 'ignore',
      env,
    });
  });
  const { status } = spawnSync('docker', [...COMPOSE, 'up', '--detach', '--wait', service], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) throw new Error(`docker compose could not start ${service}`);
}
