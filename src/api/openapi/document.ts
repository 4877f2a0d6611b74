import type Joi from 'joi';
import joiToSwagger from 'joi-to-swagger';
import { packageInfo } from '../../runtime/packageInfo.ts';
import type { DocumentedResponse, Route } from '../http/route.ts';
import { errorResponses } from './errorResponses.ts';
import { OTHER_PLAN, PLAN, PROJECT, RECEIPT, SUBMISSION } from './examples.ts';
import { INTRODUCTION, TAGS } from './introduction.ts';

export interface OpenapiDocument {
  openapi: string;
  info: object;
  tags: object[];
  components: { schemas: Record<string, object>; securitySchemes: object };
  paths: Record<string, Record<string, object>>;
}

const SECURITY: Readonly<Record<Route['auth'], object[]>> = {
  none: [],
  anybody: [{}, { token: [] }],
  user: [{ token: [] }],
  project: [{ token: [] }],
};

/** All answers of a route. */
export function answersOf(route: Route): Record<string, DocumentedResponse> {
  return {
    200: route.answer,
    ...(route.accepted && { 202: route.accepted }),
    ...errorResponses(route),
  };
}

/** The OpenAPI document of a route table, out of the same schemas that check requests. */
export function openapiDocument(routes: readonly Route[]): OpenapiDocument {
  const { version, license } = packageInfo();
  const schemas: Record<string, object> = {};
  const paths: OpenapiDocument['paths'] = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.0.3',
    info: { title: 'Tasker', version, description: INTRODUCTION, license: { name: license } },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function operation(route: Route, schemas: Record<string, object>): object {
  const { operationId, tag, summary, description, body, query } = route;
  const json = (schema: Joi.Schema, example: object) => {
    return { 'application/json': { schema: schemaObject(schema, schemas), example } };
  };
  const answers = Object.entries(answersOf(route)).map(([status, answer]) => {
    const texts = Object.entries(answer.texts ?? {}).map(([type, example]) => {
      return [type, { schema: { type: 'string' }, example }];
    });
    const content = { ...json(answer.schema, answer.example), ...Object.fromEntries(texts) };
    return [status, { description: answer.description, content }];
  });
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: SECURITY[route.auth],
    parameters: [
      ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => parameter(name)),
      ...(query ? queryParameters(query) : []),
    ],
    ...(body && { requestBody: { required: true, content: json(body.schema, body.example) } }),
    responses: Object.fromEntries(answers),
  };
}

const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  project_id: PROJECT,
  submission_id: SUBMISSION,
  plan_id: PLAN,
  other_id: OTHER_PLAN,
  receipt_id: RECEIPT,
};

function parameter(name: string): object {
  const uuid = name === 'project_id';
  return {
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(uuid && { format: 'uuid' }) },
    ...(uuid && { description: 'Every spelling of a UUID' }),
    example: PATH_EXAMPLES[name],
  };
}

function queryParameters(query: Joi.ObjectSchema): object[] {
  const names = Object.keys((query.describe() as { keys: object }).keys);
  return names.map((name) => {
    const described: Record<string, unknown> = { ...schemaObject(query.extract(name), {}) };
    const { description, example, ...schema } = described;
    return { name, in: 'query', required: false, description, schema, example };
  });
}

/** The schema, as a reference when it has a name; named ones are collected in `schemas`. */
function schemaObject(schema: Joi.Schema, schemas: Record<string, object>): object {
  const { swagger, components } = joiToSwagger.default(schema, { schemas });
  Object.assign(schemas, components?.schemas);
  return swagger;
}
