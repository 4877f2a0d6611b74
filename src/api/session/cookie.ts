import { SESSION_LIFE_S } from '../../adapters/sessions/sessionStore.ts';

const NAME = 'tasker_session';
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** The secret of the session that a browser sends along; undefined: none, or more than one, of which somebody else set one. */
export function sessionCookie(header = ''): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  const found = pairs.filter((pair) => pair.startsWith(`${NAME}=`));
  return found.length === 1 ? found[0]?.slice(NAME.length + 1) : undefined;
}

/** @param isSecure the browser came by TLS: then it sends the cookie by nothing else */
export function setCookie(secret: string, isSecure: boolean): string {
  return `${NAME}=${secret}; ${ATTRIBUTES}; Max-Age=${SESSION_LIFE_S}${isSecure ? '; Secure' : ''}`;
}

export function clearCookie(isSecure: boolean): string {
  return `${NAME}=; ${ATTRIBUTES}; Max-Age=0${isSecure ? '; Secure' : ''}`;
}
