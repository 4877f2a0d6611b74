import type { Schema } from '../../src/client/client.ts';
import { call } from './calls.ts';
import { replaceWith } from './route.ts';
import { farewell, session, type Who } from './session.ts';

const LINK = /^#login=([\w-]+)$/;

/** Who has the cookie. A one-time link logs in by itself, and its code does not stay in the address. */
export async function loadSession(): Promise<void> {
  const code = LINK.exec(location.hash)?.[1];
  if (code !== undefined) {
    replaceWith(['scans']);
    try {
      return await logIn({ code });
    } catch {
      farewell.value = 'This link was used already, or is too old. Log in with a token.';
    }
  }
  try {
    session.value = whoOf(await call('getSession', {}));
  } catch {
    session.value = null;
  }
}

export async function logIn(credentials: { token: string } | { code: string }): Promise<void> {
  const made = await call('makeSession', { body: credentials });
  farewell.value = undefined;
  session.value = whoOf(made);
}

function whoOf({ user, admin }: Schema<'Session'>): Who {
  return { ...user, admin };
}

export async function logOut(): Promise<void> {
  await call('deleteSession', {});
  session.value = null;
}
