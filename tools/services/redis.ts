import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedis } from './binaries.ts';
import { controlled, type ServerControl, startProcess, untilReady } from './childProcess.ts';
import { freePort, HOST } from './ports.ts';

export interface RedisServer extends ServerControl {
  host: string;
  port: number;
}

export interface RedisOptions {
  /** For its configuration, log and data; made when missing. */
  directory: string;
  port?: number;
  /** Whether data survives a crash. @default false */
  appendonly?: boolean;
  /** Whether a write is on the disk before it is answered. @default false */
  appendfsyncAlways?: boolean;
  /** @default 1000 */
  databases?: number;
  password?: string;
}

export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const { directory, password, appendonly = false, appendfsyncAlways = false, databases = 1000 } = options;
  const command = findRedis();
  if (!command) throw new Error('there is no redis-server on this machine');
  const port = options.port ?? (await freePort());
  mkdirSync(directory, { recursive: true });
  const lines = [
    `bind ${HOST}`,
    `port ${port}`,
    `databases ${databases}`,
    'save ""',
    `appendonly ${appendonly ? 'yes' : 'no'}`,
    `appendfsync ${appendfsyncAlways ? 'always' : 'everysec'}`,
    'maxmemory-policy noeviction',
    ...(password ? [`requirepass ${JSON.stringify(password)}`] : []),
  ];
  // A file, because a password in the arguments could be read by everybody on the machine.
  writeFileSync(join(directory, 'redis.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const logFile = join(directory, 'redis.log');
  const control = await controlled(async () => {
    const server = startProcess({ command, args: ['redis.conf'], cwd: directory, logFile });
    await untilReady('Redis', server, logFile, () => pingRedis({ host: HOST, port, password }));
    return server;
  });
  return { host: HOST, port, ...control };
}

/** Throws what Redis, or the way to it, has against us; `db` is selected when given. */
export async function pingRedis(to: {
  host: string;
  port: number;
  password?: string | undefined;
  db?: number;
}): Promise<void> {
  const { password, db = 0, ...address } = to;
  const redis = new Redis({
    ...address,
    ...(password && { password }),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    retryStrategy: () => null,
  });
  let reason: unknown;
  redis.on('error', (error: unknown) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    await redis.select(db);
    await redis.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}
