import type { Config } from '../../config/config.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { createDatabase } from '../auth/postgres.ts';
import { createScanledgerHttp } from '../scanledger/http.ts';
import { USERS_LIMITS } from '../scanledger/limits.ts';
import { projectAccess } from '../scanledger/scanledger.ts';

const KNOWN = 'SELECT id::text AS id FROM projects WHERE id = ANY($1::uuid[])';

/** Which projects there are, by the users' store. */
export interface ProjectDirectory {
  /** Those of the projects that exist. @throws ServiceUnavailableError('auth store') when it cannot know */
  known(projects: readonly string[]): Promise<Set<string>>;
  close(): Promise<void>;
}

/** undefined: this installation has no projects of its own, so every one exists. */
export function createProjectDirectory(
  config: Config['auth'],
  log: Logger,
  limits = USERS_LIMITS,
): ProjectDirectory | undefined {
  switch (config.provider) {
    case 'postgres': {
      const database = createDatabase(config.postgres, log);
      return {
        known: async (projects) => new Set((await database.rows(KNOWN, [projects])).map(idOf)),
        close: () => database.close(),
      };
    }
    case 'scanledger': {
      const { token } = config.scanledger;
      const http = createScanledgerHttp({ ...config.scanledger, service: 'auth store', limits });
      return {
        async known(projects) {
          const known = new Set<string>();
          for (const project of projects) {
            // A refusal of our own token says nothing about the project.
            if ((await projectAccess(http, token, project)) !== 'unknown') known.add(project);
          }
          return known;
        },
        close: () => http.close(),
      };
    }
    case 'static':
      return undefined;
  }
}

function idOf(row: unknown): string {
  if (typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string') return row.id;
  throw new ServiceUnavailableError(
    'auth store',
    'the projects table does not have the columns that ScanLedger gives it',
  );
}
