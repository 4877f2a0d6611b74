/** Signatures as Standard Webhooks has them: https://www.standardwebhooks.com */
import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const GENERATED_BYTES = 32;
/** In bytes, as the standard says. */
const SHORTEST = 24;
const LONGEST = 64;

export function newSecret(): string {
  return PREFIX + randomBytes(GENERATED_BYTES).toString('base64');
}

export function isSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const key = keyOf(text);
  const isBase64 = key.toString('base64') === text.slice(PREFIX.length);
  return isBase64 && key.length >= SHORTEST && key.length <= LONGEST;
}

/** @param timestampS epoch seconds */
export function signedHeaders(secret: string, id: string, timestampS: number, body: string) {
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestampS}.${body}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${signature.digest('base64')}`,
  };
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
