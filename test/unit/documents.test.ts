/** The documents say what the code has: settings, links, commands, files. Their examples run in e2e/examples.test.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROWS } from '../../src/config/variables.ts';
import { generatedDocuments } from '../../tools/docs/generated.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LONGEST_LINE = 120;
const MOST_README_LINES = 200;

interface Document {
  /** Below the root. */
  path: string;
  text: string;
  /** Without blocks of code. */
  prose: string;
}

function documentAt(path: string): Document {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, prose: text.replaceAll(/^```[\s\S]*?^```$/gm, '') };
}

function markdownIn(directory: string, recursive: boolean): string[] {
  const names = readdirSync(join(ROOT, directory), { recursive, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(directory, name));
}

const documents = [...markdownIn('.', false), ...markdownIn('docs', true)].map(documentAt);
const names = documents.map(({ path }) => path);

/** Every match of a pattern with one group, as `document: what`. */
function found(pattern: RegExp, part: 'text' | 'prose'): { from: string; what: string }[] {
  return documents.flatMap(({ path, [part]: text }) =>
    Array.from(text.matchAll(pattern), ([, what = '']) => ({ from: path, what })),
  );
}

const shown = ({ from, what }: { from: string; what: string }) => `${from}: ${what}`;

/** What GitHub makes of the headings of a document. */
function anchorsOf(path: string): string[] {
  return Array.from(documentAt(path).prose.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function leadsSomewhere({ from, what }: { from: string; what: string }): boolean {
  const [target = '', anchor] = what.split('#');
  const path = target === '' ? from : join(dirname(from), target);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchorsOf(path).includes(anchor);
}

it('the documents are found', () =>
  expect(names).toEqual(
    expect.arrayContaining(['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'README.md']),
  ));

it('the README can be read in one go', () =>
  expect(documentAt('README.md').text.split('\n').length - 1).toBeLessThanOrEqual(MOST_README_LINES));

it('docs/configuration.md has every variable with its default, what it may be, and its meaning', () => {
  const [, section = ''] = documentAt('docs/configuration.md').text.split(/<!-- \/?variables -->/);
  const rows = section.matchAll(/^\| `([A-Z_]+)` +\|(.*?)\|(.+?)\| (.+?) *\|$/gm);
  const table = Array.from(rows, ([, name = '', value = '', mayBe = '', meaning]) => ({
    name,
    default: value.trim(),
    mayBe: mayBe.trim().replaceAll('\\*', '*'),
    meaning,
  }));
  const variables = Object.entries(ROWS).map(([name, { default: value, mayBe, meaning }]) => {
    return { name, default: value, mayBe, meaning };
  });
  expect(table).toEqual(variables);
});

it.each(Object.entries(await generatedDocuments()))(
  '%s is what `npm run docs` makes of the code',
  (name, text) => expect(documentAt(name).text, 'run `npm run docs` and commit what it writes').toBe(text),
);

describe('the links', () => {
  const links = found(/\]\(([^)\s]+)\)/g, 'prose').filter(({ what }) => !/^https?:/.test(what));

  it('lead to files and headings that exist', () => {
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !leadsSomewhere(link)).map(shown)).toEqual([]);
  });

  it('of the architecture lead to every decision', () => {
    const decisions = names.filter((path) => path.startsWith('docs/decisions/'));
    const linked = links.filter(({ from }) => from === 'ARCHITECTURE.md').map(({ what }) => what);
    expect(decisions.length).toBeGreaterThan(0);
    expect(decisions.filter((path) => !linked.includes(path))).toEqual([]);
  });
});

it('the commands that documents name exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const commands = found(/`npm run ([\w:]+)/g, 'prose');
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter(({ what }) => !(what in scripts)).map(shown)).toEqual([]);
});

it('the files that documents name exist', () => {
  const files = found(/`((?:src|test|tools|docker|docs)\/[\w./-]+)`/g, 'prose');
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter(({ what }) => !existsSync(join(ROOT, what))).map(shown)).toEqual([]);
});

it('lines are not longer than an editor is wide, but for tables', () => {
  const long = documents.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => line.length > LONGEST_LINE && !line.startsWith('|'))
      .map((line) => `${path}: ${line}`),
  );
  expect(long).toEqual([]);
});
