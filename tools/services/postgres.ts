import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from './binaries.ts';
import { controlled, type ServerControl, startProcess, untilReady } from './childProcess.ts';
import { freePort, HOST } from './ports.ts';
import { type ServerTls, writeTlsFiles } from './serverTls.ts';

export interface PostgresServer extends ServerControl {
  host: string;
  port: number;
  user: string;
  /** Anything will do: whoever reaches 127.0.0.1 is trusted. */
  password: string;
}

/**
 * An empty server for tests: nothing is written durably, and `stop` removes its data. It lives in the system's
 * temporary directory, because it refuses to run as root and another user may not see into our directory.
 *
 * @param tls switches TLS on; who comes without TLS is let in all the same
 */
export async function startPostgres({ tls }: { tls?: ServerTls } = {}): Promise<PostgresServer> {
  const binaries = findPostgres();
  if (!binaries) throw new Error('there is no PostgreSQL server on this machine');
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'tasker-postgres-'));
  const removeData = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeData);
  const user = process.getuid?.() === 0 ? 'postgres' : undefined;
  if (user) execFileSync('chown', [user, directory]);
  const run = (name: string, args: string[], logFile: string) =>
    startProcess({
      command: join(binaries, name),
      args,
      cwd: directory,
      logFile,
      stopSignal: 'SIGINT', // SIGTERM would wait for all clients to leave
      ...(user && { user }),
    });

  const data = join(directory, 'data');
  const initLog = join(directory, 'initdb.log');
  const init = run(
    'initdb',
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--auth=trust', '--no-sync'],
    initLog,
  );
  await init.exited;
  const logFile = join(directory, 'postgres.log');
  const settings = {
    port,
    listen_addresses: HOST,
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 200,
    ...(tls && sslSettings(directory, data, tls, user)),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const access = { host: HOST, port, user: 'postgres', password: 'postgres' };
  const control = await controlled(async () => {
    const server = run('postgres', ['-D', data, ...args], logFile);
    await untilReady('PostgreSQL', server, logFile, () => pingPostgres(access));
    return server;
  });
  const stop = async () => {
    await control.stop();
    removeData();
    process.off('exit', removeData);
  };
  return { ...access, ...control, stop };
}

/** Whoever comes with TLS shows a certificate. */
const HBA = `hostssl all all ${HOST}/32 trust clientcert=verify-ca\nhostnossl all all ${HOST}/32 trust\n`;

function sslSettings(directory: string, data: string, tls: ServerTls, user: string | undefined) {
  const files = writeTlsFiles(join(directory, 'tls'), tls);
  if (user) execFileSync('chown', ['-R', user, join(directory, 'tls')]);
  writeFileSync(join(data, 'pg_hba.conf'), HBA);
  return { ssl: 'on', ssl_ca_file: files.ca, ssl_cert_file: files.cert, ssl_key_file: files.key };
}

async function pingPostgres(access: {
  host: string;
  port: number;
  user: string;
  password: string;
}): Promise<void> {
  const client = new pg.Client({ ...access, database: 'postgres' });
  await client.connect();
  await client.end();
}
