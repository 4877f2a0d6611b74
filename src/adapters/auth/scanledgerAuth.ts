import { LRUCache } from 'lru-cache';
import { v5 as uuidV5 } from 'uuid';
import type { ScanledgerConfig } from '../../config/config.ts';
import { createScanledgerHttp } from '../scanledger/http.ts';
import { USERS_LIMITS } from '../scanledger/limits.ts';
import { knowsToken, projectAccess } from '../scanledger/scanledger.ts';
import { type Access, type Auth, type Caller, tokenHash } from './caller.ts';

/** The namespace of the user ids below; changing it makes strangers of all users. */
const USER_NAMESPACE = '0c3c4d3e-6c0f-4d57-9a43-6f2b7d1f5a10';

/** Answers, each until its time is up. */
const REMEMBERED = 1000;
const YES_MS = 10_000;
/** Short, so that a new token or a new project works nearly at once. */
const NO_MS = 2000;

/**
 * Asks ScanLedger with the caller's own token, so it decides: a caller sees exactly the projects that ScanLedger
 * shows to that token. That is why nobody is an admin here, and why an unknown project is `denied`.
 * ScanLedger's API does not say who a token belongs to: the user id is derived from the token's hash, so a new
 * token is a new user to us.
 */
export function createScanledgerAuth(config: ScanledgerConfig, limits = USERS_LIMITS): Auth {
  const http = createScanledgerHttp({ ...config, service: 'auth store', limits });
  const callers = new LRUCache<string, { caller: Caller | undefined }>({ max: REMEMBERED });
  const accesses = new LRUCache<string, Access>({ max: REMEMBERED });
  return {
    async authenticate(token) {
      // Nothing else can stand in a header, so nothing else can be a token.
      if (!/^[\x21-\x7e]+$/.test(token)) return undefined;
      const hash = tokenHash(token);
      const known = callers.get(hash);
      if (known) return known.caller;
      const caller = (await knowsToken(http, token)) ? callerOf(hash) : undefined;
      callers.set(hash, { caller }, { ttl: caller ? YES_MS : NO_MS });
      return caller;
    },
    async access(caller, token, project) {
      const key = `${caller.tokenHash} ${project}`;
      const known = accesses.get(key);
      if (known) return known;
      const access = (await projectAccess(http, token, project)) === 'allowed' ? 'allowed' : 'denied';
      accesses.set(key, access, { ttl: access === 'allowed' ? YES_MS : NO_MS });
      return access;
    },
    isLocal: false,
    async check() {
      await knowsToken(http, config.token);
    },
    close: () => http.close(),
  };
}

function callerOf(hash: string): Caller {
  return {
    user: { id: uuidV5(hash, USER_NAMESPACE), username: 'scanledger' },
    admin: false,
    tokenHash: hash,
  };
}
