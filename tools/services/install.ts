import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  findCelery,
  findChromium,
  findEpmd,
  findFish,
  findPostgres,
  findPromtool,
  findRabbitmq,
  findRedis,
  findTmux,
  findZsh,
} from './binaries.ts';
import { trySignal } from './childProcess.ts';

const PROGRAMS = {
  redis: { find: findRedis, packages: ['redis-server'] },
  rabbitmq: { find: () => findEpmd() && findRabbitmq(), packages: ['rabbitmq-server'] },
  postgres: { find: findPostgres, packages: ['postgresql'] },
  celery: { find: findCelery, packages: ['python3-celery', 'python3-redis'] },
  chromium: { find: findChromium, packages: ['chromium'] },
  promtool: { find: findPromtool, packages: ['prometheus'] },
  tmux: { find: findTmux, packages: ['tmux'] },
  zsh: { find: findZsh, packages: ['zsh'] },
  fish: { find: findFish, packages: ['fish'] },
};

export type Program = keyof typeof PROGRAMS;

export function missing(programs: readonly Program[]): Program[] {
  return programs.filter((program) => !PROGRAMS[program].find());
}

/** Whether {@link installMissing} may do more than say what to install. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && process.platform === 'linux' && readable('/etc/debian_version');
}

/** Installs what is missing with apt-get. Throws one line that says what to install where that cannot be done. */
export async function installMissing(programs: readonly Program[]): Promise<void> {
  const packages = missing(programs).flatMap((program) => PROGRAMS[program].packages);
  if (packages.length === 0) return;
  const list = packages.join(' ');
  if (!canInstall()) throw new Error(`not on this machine, please install: ${list}`);
  console.log(`installing ${list}`);
  await installPackages(packages);
  const still = missing(programs);
  if (still.length > 0)
    throw new Error(`installed ${list}, and cannot find ${still.join(', ')} all the same`);
}

async function installPackages(packages: string[]): Promise<void> {
  // Scripts of the packages leave processes behind (Erlang's port mapper); this mark tells us which ones.
  const mark = `TASKER_INSTALLATION=${randomUUID()}`;
  const allowServices = forbidServices();
  try {
    await aptGet(['update', '-qq'], mark);
    await aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages], mark);
  } finally {
    allowServices();
    endMarked(mark);
  }
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Packages start their services unless this script says no. Returns what takes it away, if it is ours. */
function forbidServices(): () => void {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch {
    return () => {};
  }
  const remove = () => rmSync(POLICY, { force: true });
  process.once('exit', remove);
  return () => {
    remove();
    process.off('exit', remove);
  };
}

function aptGet(args: string[], mark: string): Promise<void> {
  const [name = '', value] = mark.split('=');
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', [name]: value },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`apt-get ${args[0]} failed (${code})`)),
    );
  });
}

function endMarked(mark: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (environmentOf(pid).includes(mark)) trySignal(Number(pid), 'SIGTERM');
  }
}

/** Empty for a process that is gone or not ours to look at. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
