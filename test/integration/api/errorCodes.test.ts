import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/api/http/errorCodes.ts';
import { errorTable } from '../../../tools/docs/errors.ts';

const codes = Object.entries(ERROR_CODES);

it.each(codes)('%s is written as a code, and says in sentences what it means and what to do', (code, row) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(row.status).toBeGreaterThanOrEqual(400);
  for (const sentence of [row.meaning, row.advice]) {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toContain('|');
  }
});

it.each(codes)('%s has its detail, or an example of it, unless that is a list', (_code, row) => {
  expect(Number('detail' in row) + Number('example' in row)).toBe(row.status === 422 ? 0 : 1);
});

it('are in the order of their statuses', () => {
  const statuses = codes.map(([, { status }]) => status);
  expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
});

it('stand in docs/errors.md, each with its status', () => {
  const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  expect(document).toContain(errorTable());
  for (const [code, { status }] of codes)
    expect(document).toMatch(new RegExp(`^\\| \`${code}\` +\\| ${status} +\\|`, 'm'));
});
