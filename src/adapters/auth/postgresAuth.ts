import type { PostgresConfig } from '../../config/config.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Auth, type Caller, tokenHash } from './caller.ts';
import { createDatabase } from './postgres.ts';

/** ScanLedger takes names of any length; ours stand in every task and every line of the audit trail. */
const NAME_CHARACTERS = 200;
const USER = `SELECT id::text AS id, left(username, ${NAME_CHARACTERS}) AS username, isadmin IS TRUE AS admin FROM users
  WHERE hashed_token = $1 AND (token_expires_at IS NULL OR token_expires_at >= $2::double precision)
  LIMIT 1`;
const PROJECT = 'SELECT 1 FROM projects WHERE id = $1::uuid';
const LINK = 'SELECT 1 FROM projectuserlink WHERE project_id = $1::uuid AND user_id = $2::uuid';
const NAMED = `SELECT id::text AS id, left(project_name, ${NAME_CHARACTERS}) AS name FROM projects
  WHERE id = ANY($1::uuid[])`;
const LINKED = `${NAMED} AND id IN (SELECT project_id FROM projectuserlink WHERE user_id = $2::uuid)`;
const MISSING_TABLES = `SELECT name FROM unnest(ARRAY['users', 'projects', 'projectuserlink']) AS name
  WHERE to_regclass(name) IS NULL`;

/** Users and projects from ScanLedger's own tables, which are never written to. */
export function createPostgresAuth(config: PostgresConfig, log: Logger): Auth {
  const database = createDatabase(config, log);
  return {
    async authenticate(token) {
      if (token === '') return undefined;
      const hash = tokenHash(token);
      const [row] = await database.rows(USER, [hash, Date.now() / 1000]);
      return row === undefined ? undefined : callerOf(row, hash);
    },
    async access({ admin, user }, _token, project) {
      if (!admin) return (await database.rows(LINK, [project, user.id])).length > 0 ? 'allowed' : 'denied';
      return (await database.rows(PROJECT, [project])).length > 0 ? 'allowed' : 'unknown';
    },
    async visible({ admin, user }, _token, projects) {
      const rows = admin
        ? await database.rows(NAMED, [projects])
        : await database.rows(LINKED, [projects, user.id]);
      return new Map(rows.map(projectOf));
    },
    isLocal: false,
    async check() {
      const missing = (await database.rows(MISSING_TABLES, [])).map(nameOf);
      if (missing.length > 0)
        throw new ServiceUnavailableError(
          'auth store',
          `database ${config.database} has no table ${missing.join(', ')}: ScanLedger creates them; is it the right database?`,
        );
    },
    close: () => database.close(),
  };
}

function callerOf(row: unknown, hash: string): Caller {
  if (typeof row === 'object' && row !== null && 'id' in row && 'username' in row && 'admin' in row) {
    const { id, username, admin } = row;
    if (typeof id === 'string')
      return { user: { id, username: shownName(username) }, admin: admin === true, tokenHash: hash };
  }
  throw new ServiceUnavailableError(
    'auth store',
    'the users table does not have the columns that ScanLedger gives it',
  );
}

function projectOf(row: unknown): [id: string, name: string] {
  if (typeof row === 'object' && row !== null && 'id' in row && 'name' in row && typeof row.id === 'string')
    return [row.id, shownName(row.name)];
  throw new ServiceUnavailableError(
    'auth store',
    'the projects table does not have the columns that ScanLedger gives it',
  );
}

/** A name is only shown, so a line end or an escape sequence in it is no reason to turn its user away. */
function shownName(name: unknown): string {
  return String(name ?? '').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}

function nameOf(row: unknown): string {
  return typeof row === 'object' && row !== null && 'name' in row ? String(row.name) : '?';
}
