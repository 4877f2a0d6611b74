/** How a token is kept that only the holder of a secret can read again. Redis has neither the secret nor the key. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Actor } from '../audit/entry.ts';

/** What a session or a link stands for. */
export interface TokenGrant {
  token: string;
  /** Whose it was when it was sealed: who it is now, the token says. */
  user: Actor;
  /** ISO 8601. */
  expiresAt: string;
}

const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Under which name it is kept: it tells nothing of the secret. undefined: the text cannot be one of ours. */
export function nameOf(secret: string): string | undefined {
  return SECRET.test(secret) ? Buffer.from(derived(secret, 'name')).toString('base64url') : undefined;
}

/** @param place what it is bound to: at another one it cannot be opened */
export function seal(grant: TokenGrant, secret: string, place: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', derived(secret, 'key'), iv).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(grant), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** undefined: it was sealed with another secret, for another place, or somebody has changed it. */
export function unseal(text: string, secret: string, place: string): TokenGrant | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const iv = bytes.subarray(0, IV_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', derived(secret, 'key'), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const opened =
      cipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + cipher.final('utf8');
    return JSON.parse(opened) as TokenGrant;
  } catch {
    return undefined;
  }
}

function derived(secret: string, purpose: 'name' | 'key'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `tasker session ${purpose}`, 32));
}
