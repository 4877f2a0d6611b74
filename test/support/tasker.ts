import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../../tools/services/ports.ts';
import { expectRules } from './answerRules.ts';
import { eventually, ownRedisDb, ownVhost, services } from './services.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
export const TOKEN = 'test-admin-token';

/** A Redis database and a virtual host that one test has for itself, and the variables that point Tasker there. */
export interface Installation {
  env: Record<string, string>;
  vhost: string;
  db: number;
  redis: Redis;
  drop(): Promise<void>;
}

export async function ownInstallation(): Promise<Installation> {
  const { redis, rabbitmq } = services();
  const db = await ownRedisDb();
  const { vhost, drop } = await ownVhost();
  const connection = new Redis({ ...redis, db });
  return {
    env: {
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_DB: String(db),
      RABBITMQ_HOST: rabbitmq.host,
      RABBITMQ_PORT: String(rabbitmq.port),
      RABBITMQ_USER: rabbitmq.user,
      RABBITMQ_PASSWORD: rabbitmq.password,
      RABBITMQ_VHOST: vhost,
      AUTH_PROVIDER: 'static',
      TASKER_TOKEN: TOKEN,
      // Most tests look at the queue without a worker that takes something: by default there would be four tasks in it.
      DISPATCH_WINDOW: '1000',
    },
    vhost,
    db,
    redis: connection,
    async drop() {
      connection.disconnect();
      await drop();
    },
  };
}

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; what they expect is what is checked
  body: any;
  headers: Headers;
}

export interface Tasker {
  url: string;
  /** One line of log each, parsed. */
  logs: Record<string, unknown>[];
  process: ChildProcess;
  get(path: string, token?: string): Promise<Answer>;
  post(path: string, body: unknown, token?: string): Promise<Answer>;
  /** With any method, as the admin. */
  send(method: string, path: string, body: unknown): Promise<Answer>;
  /** SIGTERM, and waits for the end. Gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: no chance to clean up. */
  kill(): Promise<void>;
}

/** Starts the built service as its own process and waits until it says that it has started. */
export async function startTasker(env: Record<string, string>): Promise<Tasker> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const logs = collectLogs(child);
  const url = `http://127.0.0.1:${port}`;
  const role = env.ROLE ?? 'all';
  await eventually(`Tasker starts (role ${role})`, () => {
    if (child.exitCode !== null) throw new Error(`Tasker ended: ${JSON.stringify(logs)}`);
    const started = logs.filter((line) => line.msg === 'started').length;
    return started >= (role === 'all' ? 2 : 1);
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${error}; its log: ${JSON.stringify(logs)}`);
  });
  return { url, logs, process: child, ...requests(url), ...endings(child) };
}

function collectLogs(child: ChildProcess): Record<string, unknown>[] {
  const logs: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout?.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) logs.push(line.startsWith('{') ? JSON.parse(line) : { msg: line });
  });
  child.stderr?.on('data', (data: Buffer) => logs.push({ stderr: data.toString() }));
  return logs;
}

function requests(url: string): Pick<Tasker, 'get' | 'post' | 'send'> {
  const request = async (method: string, path: string, token: string, body?: string): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const answer = text === '' ? undefined : JSON.parse(text);
    expectRules(path, response.status, response.headers.get('content-type'), answer);
    return { status: response.status, headers: response.headers, body: answer };
  };
  return {
    send: (method, path, body) => request(method, path, TOKEN, JSON.stringify(body)),
    get: (path, token = TOKEN) => request('GET', path, token),
    post: (path, body, token = TOKEN) =>
      request('POST', path, token, typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

function endings(child: ChildProcess): Pick<Tasker, 'stop' | 'kill'> {
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return { stop: () => end('SIGTERM'), kill: async () => void (await end('SIGKILL')) };
}

/** A request body with the fields that have no default. */
export function scan(hosts: string[], more: Record<string, unknown> = {}, ports: string[] = ['80']) {
  return {
    hosts,
    open_ports_opts: { ports },
    service_opts: {},
    timeout: 60,
    include_services: false,
    mode: 'append',
    ...more,
  };
}
