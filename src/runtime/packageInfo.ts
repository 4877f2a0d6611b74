import { readFileSync } from 'node:fs';

/** The same place seen from src and from dist. */
const PACKAGE = new URL('../../package.json', import.meta.url);

/** What this is, and which version. */
export function packageInfo(): { version: string; license: string } {
  return JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string; license: string };
}
