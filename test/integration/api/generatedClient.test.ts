/** A client is generated from the OpenAPI document, and a program is compiled against it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTypes from 'openapi-typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openapiDocument } from '../../../src/api/openapi/document.ts';
import { ROUTES } from '../../../src/api/routes.ts';

const COMPILER = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
const OPTIONS = [
  ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--allowImportingTsExtensions'],
  ...['--module', 'NodeNext', '--target', 'ES2023', '--lib', 'ES2023,DOM'],
];

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-client-'));
  const types = await openapiTypes(JSON.parse(JSON.stringify(openapiDocument(ROUTES))));
  writeFileSync(join(directory, 'api.ts'), types);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What the compiler says of a program; nothing: it is right. */
async function compiled(program: string): Promise<string> {
  writeFileSync(join(directory, 'program.ts'), program);
  const asked = promisify(execFile)(process.execPath, [COMPILER, ...OPTIONS, 'program.ts'], {
    cwd: directory,
  });
  return asked.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const HEAD = `
import type { components, operations } from './api.ts';
type Answer<Name extends keyof operations, Status extends keyof operations[Name]['responses']> =
  operations[Name]['responses'][Status] extends { content: { 'application/json': infer Body } } ? Body : never;
type Request<Name extends 'runNmap' | 'makePlan'> = operations[Name]['requestBody']['content']['application/json'];
`;

it('lets a program plan, scan, follow a scan, and tell errors apart by their code', async () => {
  const program = `${HEAD}
const request: Request<'makePlan'> = {
  hosts: ['8.8.8.0/24'],
  open_ports_opts: { ports: ['443'], transport_protocol: 'tcp' },
  service_opts: {},
  timeout: 600,
  include_services: false,
  mode: 'append',
};

async function post<T>(path: string, body: object): Promise<T> {
  const answer = await fetch('http://localhost:8001' + path, { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as T;
}

export async function run(project: string): Promise<string> {
  const plan = await post<Answer<'makePlan', 200>>(\`/tasks/\${project}/plan\`, request);
  const tasks: number = plan.tasks;
  const entry: string | undefined = plan.entries[0]?.entry;
  const run: Request<'runNmap'> = { plan: plan.plan.id };
  const scan = await post<Answer<'runNmap', 200>>(\`/tasks/\${project}/run-nmap\`, run);
  const forbidden: number = scan.summary.refused.forbidden;
  return [tasks, entry, forbidden, scan.submission.href].join();
}

export function follow(details: Answer<'getSubmission', 200>): Date | undefined {
  if (details.state === 'failed') throw new Error(details.failure?.reason);
  const names: readonly string[] = details.stages.map(({ stage }) => stage);
  return details.estimate && names.length > 0 ? new Date(details.estimate.ends_at) : new Date(details.created_at);
}

export function advice(code: components['schemas']['ErrorCode']): string {
  switch (code) {
    case 'invalid_entry':
    case 'scope_changed':
      return 'correct it';
    case 'redis_away':
      return 'wait';
    default:
      return code;
  }
}

export function wrong({ detail, code }: Answer<'runNmap', 422>): string {
  return code === 'invalid_entry' ? detail.map(({ loc, msg }) => loc.join('.') + msg).join() : advice(code);
}
`;
  expect(await compiled(program)).toBe('');
});

it('lets no program use what there is not', async () => {
  const program = `${HEAD}
// @ts-expect-error: a mode
export const mode: Request<'makePlan'>['mode'] = 'overwrite';
// @ts-expect-error: a code
export const code: components['schemas']['ErrorCode'] = 'redis_gone';
// @ts-expect-error: a field of an answer
export const at = (it: Answer<'getSubmission', 200>) => it.createdAt;
// @ts-expect-error: an operation
export type Gone = Answer<'runNessus', 200>;
`;
  expect(await compiled(program)).toBe('');
  // The compiler tells of an expected error that is none, so the four above are there.
  expect(await compiled(`${program}// @ts-expect-error\nexport const fine = 1;\n`)).toContain('TS2578');
});
