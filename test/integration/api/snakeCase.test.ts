/** No field of a request or an answer is written in camelCase. Answers of running servers: support/answerRules.ts. */
import { describe, expect, it } from 'vitest';
import { answersOf, openapiDocument } from '../../../src/api/openapi/document.ts';
import { ROUTES } from '../../../src/api/routes.ts';
import { brokenRule, camelCaseFields } from '../../support/answerRules.ts';

const document: unknown = JSON.parse(JSON.stringify(openapiDocument(ROUTES)));

/** The fields that schemas describe, parameters and the fields of examples: all else is in OpenAPI's own words. */
function* describedFields(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    if (key === 'example') yield* fieldsIn(child);
    else yield* describedFields(child);
    if (key === 'properties') yield* Object.keys(child);
    if (key === 'parameters') yield* child.map(({ name }: { name: string }) => name);
  }
}

function* fieldsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (!Array.isArray(value)) yield key;
    yield* fieldsIn(child);
  }
}

it('the document describes no field in camelCase', () => {
  const fields = new Set(describedFields(document));
  expect(fields.size).toBeGreaterThan(150);
  for (const known of ['created_at', 'by_scope', 'project_id', 'limit', 'already_in_scanledger', 'worker-1'])
    expect(fields).toContain(known);
  expect([...fields].filter((field) => camelCaseFields({ [field]: 0 }).length > 0)).toEqual([]);
});

describe.each(ROUTES)('$method $path', (route) => {
  it.each(Object.entries(answersOf(route)))(
    'shows answers in snake_case: %s',
    (_status, { example, texts }) => {
      expect(camelCaseFields(example)).toEqual([]);
      const [columns = ''] = texts?.['text/csv']?.split('\r\n') ?? [];
      const lines = texts?.['application/x-ndjson']?.trim().split('\n') ?? [];
      const objects = [Object.fromEntries(columns.split(',').map((name) => [name, 0])), ...lines.map(parsed)];
      expect(objects.flatMap((object) => camelCaseFields(object))).toEqual([]);
    },
  );

  it('shows a request in snake_case', () => expect(camelCaseFields(route.body?.example)).toEqual([]));
});

const parsed = (line: string): unknown => JSON.parse(line);

it('a field in camelCase is noticed, wherever it is', () => {
  const answer = { fine_here: [{ ok: 1 }, { notHere: { deeperStill: 1 } }], also_v4Here: 1 };
  expect(camelCaseFields(answer)).toEqual([
    '.fine_here[].notHere',
    '.fine_here[].notHere.deeperStill',
    '.also_v4Here',
  ]);
  expect(brokenRule(200, answer)).toContain('.fine_here[].notHere');
});

it('an error without its code is noticed', () => {
  const missing = { detail: 'Not Found' };
  expect(brokenRule(404, missing)).toContain('no code undefined');
  expect(brokenRule(404, { ...missing, code: 'toString' })).toContain('no code toString');
  expect(brokenRule(404, { ...missing, code: 'redis_away' })).toContain('another status');
  expect(brokenRule(404, { detail: [], code: 'unknown_path' })).toContain('detail');
  expect(brokenRule(422, { detail: 'x', code: 'invalid_request' })).toContain('detail');
  expect(brokenRule(404, { ...missing, code: 'unknown_path' })).toBeUndefined();
});
