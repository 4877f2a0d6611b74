import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelTargetsSchema } from '../../../src/api/dispatch/cancelTargets.ts';
import { pauseSchema } from '../../../src/api/dispatch/pause.ts';
import { submissionChangeSchema } from '../../../src/api/dispatch/priority.ts';
import { dispatchSettingsSchema } from '../../../src/api/dispatch/settings.ts';
import {
  exclusionsSchema,
  readExclusions,
  readRemoved,
  removedExclusionsSchema,
} from '../../../src/api/exclusions/body.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/api/http/errorCodes.ts';
import { checkEntryLists } from '../../../src/api/intake/entryCheck.ts';
import { type IntakeLimits, readScanRequest } from '../../../src/api/intake/intake.ts';
import { runRequestSchema, scanRequestSchema } from '../../../src/api/intake/scanRequestSchema.ts';
import { answersOf, openapiDocument } from '../../../src/api/openapi/document.ts';
import { codesOf } from '../../../src/api/openapi/errorResponses.ts';
import { entriesToCheckSchema } from '../../../src/api/plans/checkSchemas.ts';
import { newWebhooksSchema } from '../../../src/api/projectEvents/webhookSchemas.ts';
import { ROUTES } from '../../../src/api/routes.ts';
import { logInSchema } from '../../../src/api/session/schemas.ts';
import { brokenRule } from '../../support/answerRules.ts';
import { call } from '../../support/client.ts';
import { testServer } from '../../support/testServer.ts';

const document = openapiDocument(ROUTES);
const LIMITS: IntakeLimits = { kind: 'scan', maxTargets: 1_000, allowSingleLabel: false };
const USER = { id: 'u1', username: 'alice' };

function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref') yield String(child);
    else yield* referencesIn(child);
  }
}

describe('the document', () => {
  it.each(ROUTES.map((route) => [route.method, route.path, route] as const))(
    'has %s %s',
    (method, path, route) => {
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect(operation).toMatchObject({ summary: expect.stringMatching(/./) });
      expect(Object.keys(Reflect.get(operation ?? {}, 'responses'))).toEqual(Object.keys(answersOf(route)));
      const expected = {
        none: [],
        anybody: ['401', '429'],
        user: ['401', '503'],
        project: ['401', '404', '422', '503'],
      }[route.auth];
      expect(Object.keys(answersOf(route))).toEqual(expect.arrayContaining(expected));
    },
  );

  it('has no operation twice', () => {
    const ids = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .map((operation) => Reflect.get(operation, 'operationId'));
    expect(ids).toHaveLength(ROUTES.length);
    expect(new Set(ids).size).toBe(ROUTES.length);
  });

  it('gives every operation a tag of the list, and a verb as its id', () => {
    const verbs =
      /^(run|get|check|stop|make|list|delete|compare|explain|add|replace|remove|change|set|pause|resume|cancel|retry)[A-Z][A-Za-z]+$/;
    const names = document.tags.map((tag) => Reflect.get(tag, 'name'));
    for (const { operationId, tag } of ROUTES) {
      expect(operationId).toMatch(verbs);
      expect(names).toContain(tag);
    }
    expect(new Set(ROUTES.map(({ tag }) => tag)).size).toBe(names.length);
  });

  it('has the version of the package, and an introduction', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(document.info).toMatchObject({
      version,
      description: expect.stringContaining('### How to begin'),
    });
  });

  it('has only answers with a code from 400 up, and the code belongs to the status', () => {
    for (const route of ROUTES)
      for (const [status, { example }] of Object.entries(answersOf(route)))
        expect(brokenRule(Number(status), example), `${route.operationId} ${status}`).toBeUndefined();
  });

  it('tells of every code, but for those that no route answers with', () => {
    const told = new Set(ROUTES.flatMap(codesOf));
    const elsewhere = Object.keys(ERROR_CODES).filter((code) => !told.has(code as ErrorCode));
    const ofTheBoard = ['board_action_refused'];
    const ofStages = ['dns_away', 'ledger_away'];
    const lost = ['unknown_path', 'method_not_allowed'];
    expect(elsewhere.toSorted()).toEqual([...ofTheBoard, ...ofStages, ...lost].toSorted());
  });

  it('refers only to schemas that it has', () => {
    const references = new Set(referencesIn(document));
    expect(references.size).toBeGreaterThan(10);
    for (const reference of references) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      expect(document.components.schemas, reference).toHaveProperty(name);
    }
  });

  it('shows hosts and ports as texts, and limits where there are some', () => {
    expect(document.components.schemas).toMatchObject({
      ScanRequest: {
        required: ['hosts', 'open_ports_opts', 'service_opts', 'timeout', 'include_services', 'mode'],
        properties: {
          hosts: { type: 'array', items: { type: 'string' } },
          timeout: { type: 'integer', minimum: 1, maximum: 86_400 },
          mode: { enum: ['insert', 'replace', 'update', 'append'] },
        },
      },
      OpenPortsOptions: {
        properties: {
          ports: { type: 'array', items: { type: 'string' } },
          max_retries: { type: 'integer', minimum: 0, maximum: 20, nullable: true },
          skip_host_discovery: { type: 'boolean', default: true },
        },
      },
    });
  });

  const answers = ROUTES.flatMap((route) =>
    Object.entries(answersOf(route)).map(
      ([status, answer]) => [`${route.method} ${route.path} ${status}`, answer] as const,
    ),
  );
  it.each(answers)('shows an answer that fits its schema: %s', (_name, { schema, example }) => {
    expect(schema.validate(example, { convert: false }).error).toBeUndefined();
  });

  it('shows a request that would be accepted', () => {
    const reads = new Map<unknown, (bytes: Uint8Array) => object>([
      [runRequestSchema, (bytes) => readScanRequest(bytes, LIMITS)],
      [scanRequestSchema, (bytes) => readScanRequest(bytes, LIMITS)],
      [exclusionsSchema, (bytes) => readExclusions(bytes, USER, new Date('2026-11-01'), {})],
      [removedExclusionsSchema, (bytes) => readRemoved(bytes)],
      [entriesToCheckSchema, (bytes) => checkEntryLists(bytes, LIMITS)],
      ...[
        submissionChangeSchema,
        dispatchSettingsSchema,
        pauseSchema,
        cancelTargetsSchema,
        logInSchema,
        newWebhooksSchema,
      ].map((schema): [unknown, (bytes: Uint8Array) => object] => [
        schema,
        (bytes) => ({
          ok: schema.validate(JSON.parse(new TextDecoder().decode(bytes))).error === undefined,
        }),
      ]),
    ]);
    for (const { body } of ROUTES) {
      if (!body) continue;
      const bytes = new TextEncoder().encode(JSON.stringify(body.example));
      expect(reads.get(body.schema)?.(bytes)).toMatchObject({ ok: true });
    }
  });
});

describe('the pages', () => {
  let server: Awaited<ReturnType<typeof testServer>>;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  it('are served without a token', async () => {
    const { body } = await call(`${server.url}/openapi.json`);
    expect(body).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it.each(['/docs', '/docs/'])('link to files that are there: %s', async (path) => {
    const page = await call(`${server.url}${path}`);
    expect(page.status).toBe(200);
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      const file = await call(new URL(link, `${server.url}${path}`).href);
      expect([link, file.status]).toEqual([link, 200]);
    }
  });

  it('need no inline script, which the policy would stop', async () => {
    const page = await call(`${server.url}/docs`);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
  });

  it('can be switched off', async () => {
    const without = await testServer({ config: { docs: false } });
    try {
      for (const path of ['/docs', '/docs/', '/docs/swagger-ui.css', '/openapi.json'])
        expect((await call(`${without.url}${path}`)).status, path).toBe(404);
    } finally {
      await without.close();
    }
  });
});
