import { readFileSync } from 'node:fs';
import type { EntryOptions } from '../targets/entries/entry.ts';
import { exclusionsIn } from '../targets/scope/rules.ts';

/**
 * The entries of a file of exclusions, as typed: UTF-8, or UTF-16 with a byte order mark, as Windows writes it.
 *
 * @throws Error when it cannot be read, holds something that cannot, or holds nothing without saying so
 */
export function readExclusionsFile(path: string, options: EntryOptions): string[] {
  const bytes = readFileSync(path);
  return exclusionsIn(new TextDecoder(encodingOf(bytes)).decode(bytes), options);
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}
