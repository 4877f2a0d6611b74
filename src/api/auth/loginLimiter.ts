import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Access, Auth, Caller } from '../../adapters/auth/caller.ts';
import { apiError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';
import { type Checked, type CheckLimits, LimitedChecks } from './limitedChecks.ts';

const LIMITS: CheckLimits = { windowMs: 60_000, wrong: 60, pauseMs: 1_000, atOnce: 64 };
/** Who tries the rest of a token that is known in part comes from many addresses. */
const PREFIX_CHARACTERS = 8;

/** Who calls, and for which projects. Everything that authenticates goes through here. */
export class LoginLimiter {
  readonly #auth: Auth;
  readonly #callers: LimitedChecks<Caller | undefined>;
  readonly #codes = new LimitedChecks<string | undefined>(LIMITS, (token) => token !== undefined);
  readonly #accesses: LimitedChecks<Access>;
  /** Tokens are remembered by a hash that is worth nothing elsewhere. */
  readonly #secret = randomBytes(32);

  constructor(auth: Auth) {
    this.#auth = auth;
    this.#callers = new LimitedChecks(LIMITS, (caller) => caller !== undefined);
    this.#accesses = new LimitedChecks(LIMITS, (access) => access !== 'denied');
  }

  /** @param from the address that calls */
  async authenticate(token: string | undefined, from: string): Promise<Checked<Caller | undefined>> {
    if (token === undefined) return { ok: true, value: undefined };
    const sources = [
      `address ${ipKeyGenerator(from)}`,
      `prefix ${this.#hash(token.slice(0, PREFIX_CHARACTERS))}`,
    ];
    const ask = () => this.#auth.authenticate(token);
    return this.#callers.check(this.#hash(token), sources, ask, this.#auth.isLocal);
  }

  /**
   * The token that a code stands for. It is good for once, so of two who show it at the same time one gets nothing.
   *
   * @param use gives the token and uses the code up
   */
  useCode(from: string, use: () => Promise<string | undefined>): Promise<Checked<string | undefined>> {
    return this.#codes.check(randomUUID(), [`address ${ipKeyGenerator(from)}`], use, true);
  }

  async access(caller: Caller, token: string, project: string): Promise<Checked<Access>> {
    const ask = () => this.#auth.access(caller, token, project);
    return this.#accesses.check(`${caller.tokenHash} ${project}`, [caller.user.id], ask, this.#auth.isLocal);
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }
}

export function tooManyLogins(seconds: number): HttpResponse {
  const detail = `Too many failed logins: try again in ${seconds} s`;
  return apiError('too_many_logins', detail, { headers: { 'Retry-After': String(seconds) } });
}
