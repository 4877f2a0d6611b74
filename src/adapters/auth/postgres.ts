import pg from 'pg';
import type { PostgresConfig } from '../../config/config.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { connectionTrouble } from '../tls/trouble.ts';

/** Reads from a PostgreSQL database. */
export interface Database {
  /** The rows, unchecked. Throws ServiceUnavailableError('auth store') on any failure: the statements are fixed, so it is never theirs. */
  rows(statement: string, values: readonly unknown[]): Promise<unknown[]>;
  close(): Promise<void>;
}

const CONNECT_LIMIT_MS = 2000;
const STATEMENT_LIMIT_MS = 5000;

/** A pool of up to 10 connections; opens none before the first query. */
export function createDatabase(config: PostgresConfig, log: Logger): Database {
  const pool = new pg.Pool({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    ssl: config.tls ? sslOf(config.tls) : false,
    max: 10,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    // The server's limit does not help when the server itself hangs.
    query_timeout: STATEMENT_LIMIT_MS + 500,
    application_name: 'tasker',
  });
  // Without a listener an idle connection that breaks ends the process.
  pool.on('error', (error) => log.warn({ err: messageOf(error) }, 'lost an idle PostgreSQL connection'));
  const where = `PostgreSQL at ${config.host}:${config.port}, database ${config.database}`;
  return {
    async rows(statement, values) {
      try {
        const result = await pool.query(statement, [...values]);
        return result.rows;
      } catch (error) {
        throw new ServiceUnavailableError(
          'auth store',
          `${where}: ${connectionTrouble(error, 'POSTGRES', config.tls)}`,
          {
            cause: error,
          },
        );
      }
    },
    close: () => pool.end(),
  };
}

function sslOf({ verify, ...files }: NonNullable<PostgresConfig['tls']>): pg.ClientConfig['ssl'] {
  return {
    ...files,
    rejectUnauthorized: verify !== 'nothing',
    ...(verify === 'authority' && { checkServerIdentity: () => undefined }),
  };
}
