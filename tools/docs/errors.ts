/** `npm run docs`: writes the table of codes into docs/errors.md; a test fails when it is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ERROR_CODES } from '../../src/api/http/errorCodes.ts';

const DOCUMENT = new URL('../../docs/errors.md', import.meta.url);
const [START, END] = ['<!-- codes -->', '<!-- /codes -->'];

/** For Markdown, by status. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { status, meaning, advice }]) => [
    `\`${code}\``,
    String(status),
    meaning,
    advice,
  ]);
  const lines = [['code', 'status', 'meaning', 'what to do'], ['---', '---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The document with the table between its two marks; what stands around is written by hand. */
export function documentWithTable(): string {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, old, ...rest] = document.split(START);
  const after = old?.split(END)[1];
  if (before === undefined || after === undefined || rest.length > 0)
    throw new Error(`docs/errors.md must have ${START} and then ${END}, each once`);
  return `${before}${START}\n\n${errorTable()}\n${END}${after}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(DOCUMENT, documentWithTable());
