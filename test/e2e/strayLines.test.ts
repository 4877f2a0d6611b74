/** Everything that Tasker writes is a line of its log, whoever wanted to say something. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../tools/services/ports.ts';
import { type RedisServer, startRedis } from '../../tools/services/redis.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, startTasker } from '../support/tasker.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let directory: string;
let installation: Installation;
let redis: RedisServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-stray-'));
  installation = await ownInstallation();
  redis = await startRedis({ directory });
});

afterAll(async () => {
  await redis?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the built service until it says this, ends it by the signal, and gives all that it wrote. */
async function written(
  env: Record<string, string>,
  until: RegExp,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<string[]> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', PORT: String(await freePort()), ...installation.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data;
    });
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    await eventually(`it says ${until}`, () => until.test(text));
  } finally {
    child.kill(signal);
    await closed;
  }
  return text.trim().split('\n');
}

const isLogLine = (line: string) => {
  try {
    const { level, time, msg } = JSON.parse(line);
    return [level, time, msg].every((field) => typeof field === 'string');
  } catch {
    return false;
  }
};

it('what BullMQ says of a Redis that evicts is a line of the log, once for each process', async () => {
  const own = new Redis({ host: redis.host, port: redis.port });
  await own.config('SET', 'maxmemory-policy', 'allkeys-lru');
  own.disconnect();
  const env = { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port), REDIS_DB: '3' };
  const lines = await written(env, /Eviction policy[\s\S]*Eviction policy/);
  expect(lines.filter((line) => !isLogLine(line))).toEqual([]);
  const told = lines.filter((line) => line.includes('Eviction policy')).map((line) => JSON.parse(line));
  expect(told.map(({ role, level, msg }) => `${role} ${level} ${msg}`).sort()).toEqual([
    'all warn a library says something',
    'jobs warn a library says something',
  ]);
});

it('what Node warns of while Tasker starts is a line of the log', async () => {
  // A library that warns when Tasker begins to work, and once more.
  const library = join(directory, 'library.cjs');
  const warn = "process.emitWarning('use something newer', 'DeprecationWarning')";
  writeFileSync(library, `process.on('newListener', (event) => event === 'SIGTERM' && (${warn}, ${warn}));`);
  // Node itself warns of this when the first TLS connection is made.
  const env = {
    NODE_OPTIONS: `--require ${library}`,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    ROLE: 'api',
    AUTH_PROVIDER: 'scanledger',
    SCANLEDGER_BASE_URL: 'https://127.0.0.1:9',
    TASKER_AUTH_TOKEN: 'own-token',
  };
  const lines = await written(env, /"started"/);
  expect(lines.filter((line) => !isLogLine(line))).toEqual([]);
  const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a warning of Node.js');
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 'warn', warning: 'DeprecationWarning', err: 'use something newer' }),
    ]),
  );
});

it('what is said in a thread is a line of the log of its process', async () => {
  const library = join(directory, 'threads.cjs');
  writeFileSync(
    library,
    `if (!require('node:worker_threads').isMainThread) {
      const { parse } = JSON;
      JSON.parse = (text, ...rest) => {
        if (text.length < 10_000) return parse(text, ...rest);
        const thread = text.length > 1_000_000 ? 'a thread for one task' : 'a thread';
        process.emitWarning(thread + ' uses something old', 'DeprecationWarning');
        console.warn(thread, 'says something');
        return parse(text, ...rest);
      };
    }`,
  );
  const tasker = await startTasker({ ...installation.env, NODE_OPTIONS: `--require ${library}` });
  try {
    for (const [thread, bytes] of [
      ['a thread', 100_000],
      ['a thread for one task', 2_000_000],
    ] as const) {
      const hosts = ['8.8.8.8', ' '.repeat(bytes)];
      await tasker.post('/tasks/6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11/check-entries', { hosts });
      const common = { time: expect.any(String), role: 'all', level: 'warn' };
      const [said, warned] = await eventually('both are told', () => {
        const told = tasker.logs.filter((line) =>
          [`${thread} says something`, `${thread} uses something old`].includes(`${line.said ?? line.err}`),
        );
        return told.length === 2 && told;
      });
      expect(said).toMatchObject({ ...common, msg: 'a library says something' });
      expect(warned).toMatchObject({
        ...{ ...common, msg: 'a warning of Node.js', warning: 'DeprecationWarning' },
      });
    }
    expect(tasker.logs.filter(({ time }) => time === undefined)).toEqual([]);
  } finally {
    await tasker.stop();
  }
});

it('a defect that ends the process is a line of the log', async () => {
  const library = join(directory, 'defect.cjs');
  writeFileSync(
    library,
    "process.once('SIGUSR2', () => { throw new Error('something is not as it should be'); });",
  );
  const env = { NODE_OPTIONS: `--require ${library}`, ROLE: 'api' };
  const lines = await written(env, /"started"/, 'SIGUSR2');
  expect(lines.filter((line) => !isLogLine(line))).toEqual([]);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    level: 'fatal',
    msg: 'a defect ends the process',
    err: { message: 'something is not as it should be', stack: expect.stringContaining('defect.cjs') },
  });
});
