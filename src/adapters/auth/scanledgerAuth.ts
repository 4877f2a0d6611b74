import { LRUCache } from 'lru-cache';
import { v5 as uuidV5 } from 'uuid';
import type { ScanledgerConfig } from '../../config/config.ts';
import { createScanledgerHttp } from '../scanledger/http.ts';
import { USERS_LIMITS } from '../scanledger/limits.ts';
import { knowsToken, projectAccess, projectsOf } from '../scanledger/scanledger.ts';
import { type Auth, type Caller, tokenHash } from './caller.ts';

/** The namespace of the user ids below; changing it makes strangers of all users. */
const USER_NAMESPACE = '0c3c4d3e-6c0f-4d57-9a43-6f2b7d1f5a10';

/** Answers about tokens and about projects, each until its time is up. */
const REMEMBERED = 2000;
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
  const answers = new LRUCache<string, boolean>({ max: REMEMBERED });
  const remembered = async (key: string, ask: () => Promise<boolean>): Promise<boolean> => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await ask();
    answers.set(key, answer, { ttl: answer ? YES_MS : NO_MS });
    return answer;
  };
  return {
    async authenticate(token) {
      // Nothing else can stand in a header, so nothing else can be a token.
      if (!/^[\x21-\x7e]+$/.test(token)) return undefined;
      const hash = tokenHash(token);
      return (await remembered(hash, () => knowsToken(http, token))) ? callerOf(hash) : undefined;
    },
    async access(caller, token, project) {
      const ask = async () => (await projectAccess(http, token, project)) === 'allowed';
      return (await remembered(`${caller.tokenHash} ${project}`, ask)) ? 'allowed' : 'denied';
    },
    async visible(_caller, token, projects) {
      const own = (await projectsOf(http, token)) ?? new Map<string, string | null>();
      return new Map(projects.flatMap((id) => (own.has(id) ? [[id, own.get(id) ?? null]] : [])));
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
