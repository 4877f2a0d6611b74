import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../services.ts';

export interface CeleryWorkerOptions {
  redis: { host: string; port: number };
  rabbitmq: { host: string; port: number; user: string; password: string };
  vhost: string;
  /** Redis database. */
  db: number;
  /** The host name that the worker goes by; not looked up. */
  hostname: string;
  /** How long one scan takes. */
  scanSeconds: number;
}

export interface CeleryWorker {
  /** Lets it end as an operator would; what is still running after 5 s is killed. */
  stop(): Promise<void>;
  /** Stands still, as behind a broken network: its connections stay open, but it hears nothing. */
  freeze(): void;
  /** Goes on after {@link freeze}; what happened to its connections meanwhile it learns now. */
  thaw(): void;
  /** Like a power cut: no clean-up, no goodbye. */
  kill(): Promise<void>;
}

/** One Celery node per queue, as the nmap worker runs them. */
const NODES = ['nmap_scan_queue', 'nmap_cancel_queue', 'worker_service_broadcast'] as const;
const PYTHON = '/usr/bin/python3';
const STOP_MS = 5_000;

/** Starts the three nodes of a worker and waits until each of them consumes its queue. */
export async function startCeleryWorker(options: CeleryWorkerOptions): Promise<CeleryWorker> {
  const nodes = NODES.map((queue) => startNode(queue, options));
  const kill = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
  };
  try {
    await Promise.all(nodes.map((node) => node.ready()));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    freeze: () => {
      for (const node of nodes) node.freeze();
    },
    thaw: () => {
      for (const node of nodes) node.thaw();
    },
    kill,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

function startNode(queue: (typeof NODES)[number], options: CeleryWorkerOptions) {
  const child = spawn(PYTHON, celeryArguments(queue, options.hostname), {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, ...environment(options) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that prefork children and scans go with it
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const kill = async () => {
    const ended = exited(child);
    signalGroup(child, 'SIGKILL');
    await ended;
  };
  return {
    freeze: () => signalGroup(child, 'SIGSTOP'),
    thaw: () => signalGroup(child, 'SIGCONT'),
    kill,
    ready: () =>
      eventually(`${queue} is ready`, () => {
        if (child.exitCode !== null) throw new Error(`the Celery worker of ${queue} ended:\n${output}`);
        return output.includes(`${queue}@${options.hostname} ready.`);
      }),
    stop: async () => {
      const ended = exited(child);
      child.kill('SIGTERM');
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
      signalGroup(child, 'SIGKILL');
    },
  };
}

function celeryArguments(queue: string, hostname: string): string[] {
  const node = ['-n', `${queue}@${hostname}`, '-Q', queue, '--loglevel', 'INFO'];
  // Scans run in a child process, as with the real worker; the others are cheap enough for the main one.
  const pool = queue === 'nmap_scan_queue' ? ['--pool', 'prefork', '--concurrency', '1'] : ['--pool', 'solo'];
  const alone = ['--without-gossip', '--without-mingle', '--without-heartbeat'];
  return ['-m', 'celery', '-A', 'worker', 'worker', ...node, ...pool, ...alone];
}

function environment({ redis, rabbitmq, vhost, db, hostname, scanSeconds }: CeleryWorkerOptions) {
  const login = `${encodeURIComponent(rabbitmq.user)}:${encodeURIComponent(rabbitmq.password)}`;
  return {
    REDIS_URL: `redis://${redis.host}:${redis.port}/${db}`,
    BROKER_URL: `amqp://${login}@${rabbitmq.host}:${rabbitmq.port}/${encodeURIComponent(vhost)}`,
    WORKER_HOSTNAME: hostname,
    SCAN_SECONDS: String(scanSeconds),
    PYTHONDONTWRITEBYTECODE: '1',
    C_FORCE_ROOT: '1', // Celery only warns about root, but at length
  };
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone already
  }
}
