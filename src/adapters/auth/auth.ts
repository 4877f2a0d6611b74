import type { Redis } from 'ioredis';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Auth, tokenHash } from './caller.ts';
import { createPostgresAuth } from './postgresAuth.ts';
import { createScanledgerAuth } from './scanledgerAuth.ts';
import { createStaticAuth, installationToken } from './staticAuth.ts';

/**
 * The provider that the configuration names.
 *
 * @param showToken shows a generated token to whoever starts the service; it must not go into the log
 */
export async function createAuth(
  config: Config['auth'],
  { redis, log, showToken }: { redis: Redis; log: Logger; showToken(token: string): void },
): Promise<Auth> {
  switch (config.provider) {
    case 'postgres':
      return createPostgresAuth(config.postgres, log);
    case 'scanledger':
      return createScanledgerAuth(config.scanledger);
    case 'static': {
      if (config.token) return createStaticAuth(tokenHash(config.token));
      const { hash, generated } = await installationToken(redis);
      if (generated) showToken(generated);
      return createStaticAuth(hash);
    }
  }
}
