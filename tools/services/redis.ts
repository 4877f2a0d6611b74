import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedis } from './binaries.ts';
import { controlled, type ServerControl, startProcess, untilReady } from './childProcess.ts';
import { freePort, HOST } from './ports.ts';
import { type ServerTls, writeTlsFiles } from './serverTls.ts';

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
  /** Speaks TLS only. */
  tls?: ServerTls;
  /** Port of the Redis on this machine that it follows, with the same password and TLS. */
  replicaOf?: number;
  /** More lines of its configuration. */
  lines?: string[];
}

export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const {
    directory,
    password,
    tls,
    appendonly = false,
    appendfsyncAlways = false,
    databases = 1000,
  } = options;
  const command = findRedis();
  if (!command) throw new Error('there is no redis-server on this machine');
  const port = options.port ?? (await freePort());
  mkdirSync(directory, { recursive: true });
  const lines = [
    `bind ${HOST}`,
    ...listenerLines(directory, port, tls),
    `databases ${databases}`,
    'save ""',
    `appendonly ${appendonly ? 'yes' : 'no'}`,
    `appendfsync ${appendfsyncAlways ? 'always' : 'everysec'}`,
    'maxmemory-policy noeviction',
    ...(password
      ? [`requirepass ${JSON.stringify(password)}`, `masterauth ${JSON.stringify(password)}`]
      : []),
    ...(options.replicaOf ? [`replicaof ${HOST} ${options.replicaOf}`] : []),
    ...(options.lines ?? []),
  ];
  // A file, because a password in the arguments could be read by everybody on the machine.
  writeFileSync(join(directory, 'redis.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const logFile = join(directory, 'redis.log');
  const control = await controlled(async () => {
    const server = startProcess({ command, args: ['redis.conf'], cwd: directory, logFile });
    await untilReady('Redis', server, logFile, () => pingRedis({ host: HOST, port, password, tls }));
    return server;
  });
  return { host: HOST, port, ...control };
}

function listenerLines(directory: string, port: number, tls: ServerTls | undefined): string[] {
  if (!tls) return [`port ${port}`];
  const { ca, cert, key } = writeTlsFiles(directory, tls);
  return [
    ...['port 0', `tls-port ${port}`, 'tls-replication yes', 'tls-auth-clients yes'],
    ...[`tls-ca-cert-file ${ca}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`],
  ];
}

export interface SentinelOptions {
  directory: string;
  /** Port of the Redis on this machine that it watches. */
  master: number;
  /** Its name for it. */
  name: string;
  /** Of itself, and of what it watches. */
  password: string;
  tls?: ServerTls;
}

/** A sentinel that decides alone, half a second after its master is gone. */
export async function startSentinel(options: SentinelOptions): Promise<RedisServer> {
  const { directory, master, name, password, tls } = options;
  const command = findRedis();
  if (!command) throw new Error('there is no redis-server on this machine');
  const port = await freePort();
  mkdirSync(directory, { recursive: true });
  const lines = [
    ...[`bind ${HOST}`, ...listenerLines(directory, port, tls), `requirepass ${JSON.stringify(password)}`],
    ...[`sentinel monitor ${name} ${HOST} ${master} 1`, `sentinel auth-pass ${name} ${password}`],
    ...[`sentinel down-after-milliseconds ${name} 500`, `sentinel failover-timeout ${name} 5000`],
  ];
  writeFileSync(join(directory, 'sentinel.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const logFile = join(directory, 'sentinel.log');
  const control = await controlled(async () => {
    const server = startProcess({ command, args: ['sentinel.conf', '--sentinel'], cwd: directory, logFile });
    await untilReady('Sentinel', server, logFile, () => pingRedis({ host: HOST, port, password, tls }));
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
  tls?: Partial<ServerTls> | undefined;
}): Promise<void> {
  const { host, port, password, db = 0, tls } = to;
  const redis = new Redis({
    host,
    port,
    ...(password && { password }),
    ...(tls && { tls }),
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
    if (db > 0) await redis.select(db);
    await redis.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}
