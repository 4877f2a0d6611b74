import type Joi from 'joi';
import { expect, it } from 'vitest';
import { answersOf, openapiDocument } from '../../../src/api/openapi/document.ts';
import { ROUTES } from '../../../src/api/routes.ts';

/** What this test reads of a schema in the document. */
interface Schema {
  $ref?: string;
  type?: string;
  example?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

interface Content {
  schema: Schema;
  example?: unknown;
}

interface Operation {
  operationId: string;
  parameters: (Content & { name: string })[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content: Record<string, Content> }>;
}

const document = JSON.parse(JSON.stringify(openapiDocument(ROUTES)));
const schemas: Record<string, Schema> = document.components.schemas;
const operations = Object.values<Record<string, Operation>>(document.paths).flatMap((methods) =>
  Object.values(methods),
);

/**
 * The paths of the fields of which nobody shows a value: no example in the schema, and none of `shown`, the values that
 * the examples around it have there. null shows nothing. Plain choices of one field share its values.
 */
function unshown(path: string, named: Schema, shown: readonly unknown[]): string[] {
  const schema = resolved(named);
  const { properties = {}, additionalProperties, items, oneOf = [], anyOf = [] } = schema;
  const values = [...shown, schema.example].filter((value) => value !== undefined && value !== null);
  const records = values.filter(isRecord);
  const choices = [...oneOf, ...anyOf].map(resolved);
  const plain = choices.filter((choice) => !isNested(choice));
  if (!isNested(schema) && choices.length === 0) return values.length > 0 ? [] : [path];
  return [
    ...Object.entries(properties).flatMap(([name, child]) =>
      unshown(
        `${path}.${name}`,
        child,
        records.map((record) => record[name]),
      ),
    ),
    ...(typeof additionalProperties === 'object'
      ? unshown(`${path}.*`, additionalProperties, records.flatMap(Object.values))
      : []),
    ...(items ? unshown(`${path}[]`, items, values.filter(Array.isArray).flat()) : []),
    ...choices.filter(isNested).flatMap((choice) => unshown(path, choice, values)),
    ...(plain.length > 0 && plain.every((choice) => unshown(path, choice, values.filter(isPlain)).length > 0)
      ? [path]
      : []),
  ];
}

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (schemas[name] ?? {});
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object';
}

function isNested({ properties, items }: Schema): boolean {
  return properties !== undefined || items !== undefined;
}

const contents = operations.flatMap(({ operationId, parameters, requestBody, responses }) => [
  ...parameters.map((parameter) => [`${operationId} ${parameter.name}`, parameter] as const),
  ...Object.entries(requestBody?.content ?? {}).map(
    ([, content]) => [`${operationId} body`, content] as const,
  ),
  ...Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content).map(([type, each]) => [`${operationId} ${status} ${type}`, each] as const),
  ),
]);

/** The examples of single fields, each with the schema that it has to fit. */
function* fieldExamples(schema: Joi.Schema): Generator<[Joi.Schema, unknown]> {
  const { examples, keys, patterns, items, matches } = schema.$_terms;
  for (const example of examples ?? []) yield [schema, example];
  for (const { schema: child } of keys ?? []) yield* fieldExamples(child);
  for (const { rule } of patterns ?? []) yield* fieldExamples(rule);
  for (const child of items ?? []) yield* fieldExamples(child);
  for (const { schema: child } of matches ?? []) yield* fieldExamples(child);
}

it.each(contents)('every field is shown with an example: %s', (_name, { schema, example }) => {
  expect(unshown('', schema, [example])).toEqual([]);
});

it('a field without an example is noticed', () => {
  const value = { type: 'object', properties: { known: { type: 'string' }, other: { type: 'string' } } };
  const list = { type: 'array', items: value };
  const map = { type: 'object', properties: {}, additionalProperties: value };
  const choice = { oneOf: [{ type: 'string' }, value] };
  const schema = { type: 'object', properties: { list, map, choice, empty: list } };
  const known = { known: 'x', other: null };
  const example = { list: [{}, known], map: { a: {}, b: known }, choice: known, empty: [] };
  expect(unshown('', schema, [example])).toEqual([
    '.list[].other',
    '.map.*.other',
    '.choice.other',
    '.choice',
    '.empty[].known',
    '.empty[].other',
  ]);
});

it('the example of a field is valid there', () => {
  const all = ROUTES.flatMap((route) => [
    ...[route.body?.schema, route.query].filter((schema) => schema !== undefined),
    ...Object.values(answersOf(route)).map(({ schema }) => schema),
  ]);
  for (const [schema, example] of all.flatMap((each) => [...fieldExamples(each)]))
    expect(schema.validate(example, { convert: false }).error, JSON.stringify(example)).toBeUndefined();
});
