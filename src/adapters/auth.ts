import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { createPostgresAuth } from './authPostgres.ts';
import { createScanledgerAuth } from './authScanledger.ts';
import { createStaticAuth, type StaticAuth } from './authStatic.ts';
import type { Auth } from './caller.ts';

export { type Access, type Auth, type Caller, tokenHash } from './caller.ts';

/**
 * The provider that the configuration names. A static one without a token has generated one: somebody has
 * to be shown `token` when `generated` is true.
 */
export function createAuth(config: Config['auth'], log: Logger): Auth | StaticAuth {
  switch (config.provider) {
    case 'postgres':
      return createPostgresAuth(config.postgres, log);
    case 'scanledger':
      return createScanledgerAuth(config.scanledger);
    case 'static':
      return createStaticAuth(config);
  }
}
