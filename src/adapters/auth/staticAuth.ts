import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Redis } from 'ioredis';
import { KEY_PREFIX } from '../redis/keys.ts';
import { redisCall, untilReady } from '../redis/redis.ts';
import { type Auth, tokenHash } from './caller.ts';

const ADMIN = { id: '7a51e500-0000-4000-8000-000000000001', username: 'admin' };

/** string: the SHA-256 of the token that the first start generated. Deleting it makes the next start generate another. */
const TOKEN_HASH_KEY = `${KEY_PREFIX}:static-token-sha256`;

/** How long a start waits for Redis, which knows whether it is the first. */
const REDIS_WAIT_MS = 60_000;

/** One token for one admin; every project exists. `expected` is the token's {@link tokenHash}. */
export function createStaticAuth(expected: string): Auth {
  const expectedDigest = Buffer.from(expected, 'hex');
  return {
    async authenticate(presented) {
      const hash = tokenHash(presented);
      if (presented === '' || !timingSafeEqual(Buffer.from(hash, 'hex'), expectedDigest)) return undefined;
      return { user: ADMIN, admin: true, tokenHash: hash };
    },
    access: async () => 'allowed',
    visible: async (_caller, _token, projects) => new Map(projects.map((project) => [project, null])),
    isLocal: true,
    check: async () => {},
    close: async () => {},
  };
}

/**
 * The token of an installation where nobody configured one: generated once, at the first start of the first process,
 * and valid from then on. Only its hash is kept, so `generated` is there that one time, for somebody to be shown.
 *
 * @throws ServiceUnavailableError when Redis does not answer within a minute
 */
export async function installationToken(redis: Redis): Promise<{ hash: string; generated?: string }> {
  await untilReady(redis, REDIS_WAIT_MS);
  return redisCall(async () => {
    const generated = randomBytes(32).toString('base64url');
    const first = await redis.set(TOKEN_HASH_KEY, tokenHash(generated), 'NX');
    const hash = (await redis.get(TOKEN_HASH_KEY)) ?? tokenHash(generated);
    return first ? { hash, generated } : { hash };
  });
}
