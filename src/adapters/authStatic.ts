import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Auth, tokenHash } from './caller.ts';

export interface StaticAuth extends Auth {
  /** The one valid token. */
  token: string;
  /** Nobody configured it: it is another one after the next start. */
  generated: boolean;
}

const ADMIN = { id: '7a51e500-0000-4000-8000-000000000001', username: 'admin' };

/** One token for one admin; every project exists. Without a token, or with an empty one, a random one is generated. */
export function createStaticAuth(options: { token?: string } = {}): StaticAuth {
  const token = options.token || randomBytes(32).toString('base64url');
  const expected = digest(token);
  return {
    token,
    generated: !options.token,
    async authenticate(presented) {
      if (!timingSafeEqual(digest(presented), expected)) return undefined;
      return { user: ADMIN, admin: true, tokenHash: tokenHash(presented) };
    },
    access: async () => 'allowed',
    check: async () => {},
    close: async () => {},
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
