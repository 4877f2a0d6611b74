/** Where targets come from: words of the command line, files, stdin. */
import { readFileSync, statSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../../runtime/errors.ts';
import { usage } from '../exitCodes.ts';

/** One string of `hosts` or `exclude`, which may hold many entries, and what messages call it. */
export interface Source {
  name: string;
  text: string;
  /** Messages then tell line and column. */
  isFile: boolean;
}

const STDIN = '-';
/** Names of lists. None of them ends the name of a host. */
const LIST = /\.(txt|list|lst|csv|targets|hosts|scope)$/i;
const PATH = /^(\.{0,2}\/|~\/)/;

/** @throws Exit when a file cannot be read, or a word could be a file as well as a target */
export function readTargets(words: readonly string[]): Promise<Source[]> {
  return Promise.all(words.map((word) => readWord(word)));
}

async function readWord(word: string): Promise<Source> {
  if (word === STDIN)
    return { name: 'stdin', text: textOf(await buffer(process.stdin), 'stdin'), isFile: true };
  if (PATH.test(word) || LIST.test(word)) return readList(word);
  if (!isFile(word)) return target(word);
  if (/[.:]/.test(word))
    throw usage(`${word} is a file here, and a target: write ./${word} for the file, or --target ${word}`);
  return readList(word);
}

export function target(text: string): Source {
  return { name: text, text, isFile: false };
}

/** A file with a list. */
export function readList(path: string): Source {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw usage(`cannot read the list ${path}: ${messageOf(error)}`);
  }
  return { name: path, text: textOf(bytes, path), isFile: true };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** UTF-8, or what Windows writes: UTF-16 with a byte order mark. */
function textOf(bytes: Buffer, name: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw usage(`${name} is no text in UTF-8`);
  }
}
