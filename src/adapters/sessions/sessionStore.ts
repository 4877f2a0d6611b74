import { type Actor, type AuditNote, actorOf } from '../audit/entry.ts';
import type { Caller } from '../auth/caller.ts';
import { loginLinkKey, sessionKey, sessionsOfKey } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { nameOf, newSecret, seal, type TokenGrant, unseal } from './sealedToken.ts';

export const SESSION_LIFE_S = 12 * 3600;
const LINK_LIFE_S = 600;
/** Of one user, links included; the one that ends first goes when there is another. */
const MOST_OF_A_USER = 1_000;

/** KEYS place, those of the user. ARGV sealed, seconds, now and its end (epoch ms), how many there may be. */
const KEEP = new RedisScript<1>(`
local place, ofUser = unpack(KEYS)
redis.call('ZREMRANGEBYSCORE', ofUser, '-inf', ARGV[3])
local over = redis.call('ZCARD', ofUser) + 1 - tonumber(ARGV[5])
if over > 0 then
  local oldest = redis.call('ZPOPMIN', ofUser, over)
  for i = 1, #oldest, 2 do redis.call('UNLINK', oldest[i]) end
end
redis.call('SET', place, ARGV[1], 'EX', ARGV[2])
redis.call('ZADD', ofUser, ARGV[4], place)
redis.call('EXPIRE', ofUser, ${SESSION_LIFE_S})
return 1
`);

/** KEYS place, those of the user. Returns nothing when there was none. */
const END = new RedisScript<1 | null>(
  `
redis.call('ZREM', KEYS[2], KEYS[1])
if redis.call('UNLINK', KEYS[1]) == 1 then return 1 end
`,
  'also when Redis is full',
);

/** What a browser gets: the secret is in no other place. */
export interface Granted {
  secret: string;
  expiresAt: string;
}

/** Sessions of browsers, and links that begin one. What is kept of them cannot be read without what the browser has. */
export class SessionStore extends Store {
  begin(caller: Caller, token: string, note?: AuditNote): Promise<Granted> {
    return this.#keep(sessionKey, SESSION_LIFE_S, caller, token, note);
  }

  makeLink(caller: Caller, token: string, note?: AuditNote): Promise<Granted> {
    return this.#keep(loginLinkKey, LINK_LIFE_S, caller, token, note);
  }

  /** undefined: it has ended, or there never was one. */
  async find(secret: string): Promise<TokenGrant | undefined> {
    const place = placeOf(sessionKey, secret);
    const text = place === undefined ? null : await this.redis.get(place);
    return place === undefined || text === null ? undefined : unseal(text, secret, place);
  }

  /** What a link stands for, once. */
  async useLink(secret: string): Promise<TokenGrant | undefined> {
    const place = placeOf(loginLinkKey, secret);
    const text = place === undefined ? null : await this.redis.getdel(place);
    return place === undefined || text === null ? undefined : unseal(text, secret, place);
  }

  /** @param noteFor the entry for whose session it was */
  async end(secret: string, noteFor: (user: Actor) => AuditNote): Promise<boolean> {
    const grant = await this.find(secret);
    const place = placeOf(sessionKey, secret);
    if (grant === undefined || place === undefined) return false;
    const keys = [place, sessionsOfKey(grant.user.id)];
    return (await END.run(this.redis, keys, [], noteFor(grant.user))) === 1;
  }

  async #keep(
    keyOf: (name: string) => string,
    lifeS: number,
    caller: Caller,
    token: string,
    note?: AuditNote,
  ): Promise<Granted> {
    const secret = newSecret();
    const place = placeOf(keyOf, secret) ?? '';
    const nowMs = Date.now();
    const endMs = nowMs + lifeS * 1_000;
    const expiresAt = new Date(endMs).toISOString();
    const sealed = seal({ token, user: actorOf(caller), expiresAt }, secret, place);
    const keys = [place, sessionsOfKey(caller.user.id)];
    await KEEP.run(this.redis, keys, [sealed, lifeS, nowMs, endMs, MOST_OF_A_USER], note);
    return { secret, expiresAt };
  }
}

function placeOf(keyOf: (name: string) => string, secret: string): string | undefined {
  const name = nameOf(secret);
  return name === undefined ? undefined : keyOf(name);
}
