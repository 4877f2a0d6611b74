import type { Request } from 'express';
import type { Flows } from '../../flows/flows.ts';
import { sessionCookie } from '../session/cookie.ts';
import { bearerToken } from './credentials.ts';
import { isOwnNavigation, isSameOrigin, isSurelySameOrigin } from './origin.ts';

/** By what a caller is known: a token, shown or out of a session. */
export interface Credentials {
  token: string;
  /** Absent: the token itself was shown. */
  session?: { secret: string; expiresAt: string };
}

/** - `cross_site`: a browser sent its session along, and no page of ours asked it to */
type Shown = Credentials | 'nothing' | 'cross_site';

/**
 * - `acts`: what is asked for changes something
 * - `page`: it is a page, and changes nothing
 */
export type Asked = 'acts' | 'reads' | 'page';

const MAY_COME_FROM = { acts: isSurelySameOrigin, reads: isSameOrigin, page: isOwnNavigation };

/**
 * What a request shows. Who sends `Authorization` is known by that and by nothing else.
 *
 * @param tokenOf reads that header
 */
export async function shownBy(
  { headers }: Pick<Request, 'headers'>,
  asked: Asked,
  { sessions }: Pick<Flows, 'sessions'>,
  tokenOf: (header: string) => string | undefined = bearerToken,
): Promise<Shown> {
  if (headers.authorization !== undefined) {
    const token = tokenOf(headers.authorization);
    return token === undefined ? 'nothing' : { token };
  }
  const secret = sessionCookie(headers.cookie);
  if (secret === undefined) return 'nothing';
  if (!MAY_COME_FROM[asked](headers)) return 'cross_site';
  const grant = await sessions.find(secret);
  if (grant === undefined) return 'nothing';
  return { token: grant.token, session: { secret, expiresAt: grant.expiresAt } };
}
