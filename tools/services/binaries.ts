import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const OUTSIDE_OF_PATH = ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

// Never /usr/sbin/rabbitmq-server: on Debian that wrapper changes to the user `rabbitmq`, who cannot read our files.
const RABBITMQ_SCRIPTS = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/rabbitmq/sbin/rabbitmq-server',
  '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
  '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
];

// The system's Python, because the packages python3-celery and python3-redis install for it alone.
const PYTHON = '/usr/bin/python3';

/** The path of the first of these programs that is on the machine. */
function findProgram(...names: string[]): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...OUTSIDE_OF_PATH];
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findRedis(): string | undefined {
  return findProgram('redis-server', 'valkey-server');
}

export function findRabbitmq(): string | undefined {
  return RABBITMQ_SCRIPTS.find(executable);
}

/** Erlang's port mapper, which RabbitMQ needs. */
export function findEpmd(): string | undefined {
  return findProgram('epmd');
}

/** The directory of PostgreSQL's server programs, the newest one. */
export function findPostgres(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const debian = versions
    .map((version) => join(base, version, 'bin'))
    .find((bin) => executable(join(bin, 'initdb')));
  return debian ?? findProgram('initdb')?.replace(/\/initdb$/, '');
}

export function findChromium(): string | undefined {
  return findProgram('chromium', 'chromium-browser', 'google-chrome');
}

/** Checks metrics and alert rules as Prometheus reads them. */
export function findPromtool(): string | undefined {
  return findProgram('promtool');
}

/** A terminal that tests can look at and type into. */
export function findTmux(): string | undefined {
  return findProgram('tmux');
}

/** Shells that `tasker completion` has a script for, beside bash. */
export function findZsh(): string | undefined {
  return findProgram('zsh');
}

export function findFish(): string | undefined {
  return findProgram('fish');
}

/** A Python that has Celery and the Redis client, as the real workers use them. */
export function findCelery(): string | undefined {
  if (!executable(PYTHON)) return undefined;
  return spawnSync(PYTHON, ['-c', 'import celery, redis'], { stdio: 'ignore' }).status === 0
    ? PYTHON
    : undefined;
}
