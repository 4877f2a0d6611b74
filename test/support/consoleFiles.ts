import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** What a browser loads of the built console: how many files, and their bytes in gzip. */
export function consoleFiles(): { count: number; bytes: number } {
  const entries = readdirSync(BUILT, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => gzipSync(readFileSync(`${parentPath}/${name}`)).length);
  return { count: files.length, bytes: sizes.reduce((sum, one) => sum + one, 0) };
}
