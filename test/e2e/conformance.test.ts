/** Replays every case that was recorded against the old system, differences on purpose included. */

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { ownDatabase, services } from '../support/services.ts';
import { type StandInLedger, startStandInLedger } from '../support/standInLedger.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../support/tasker.ts';
import { createUsers, type Users } from '../support/users.ts';

interface Case {
  name: string;
  auth: string | null;
  request: { method: string; path: string; headers?: Record<string, string>; body?: unknown; raw?: string };
  expect: {
    status: number[];
    summary?: Record<string, unknown>;
    prepared_targets?: Record<string, { hostnames: string[] }>;
    task?: Record<string, unknown>;
    locs?: unknown[][];
    body?: unknown;
  };
}

const { cases, zone } = JSON.parse(
  readFileSync(new URL('../fixtures/conformance.json', import.meta.url), 'utf8'),
) as { cases: Case[]; zone: string[] };

let installation: Installation;
let tasker: Tasker;
let dns: DnsServer;
let ledger: StandInLedger;
let users: Users;
let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  installation = await ownInstallation();
  const { database, drop } = await ownDatabase();
  dropDatabase = drop;
  users = await createUsers(database);
  dns = await startDnsServer({ zone });
  ledger = await startStandInLedger({ users: { 'ledger-token': { admin: true } } });
  const { postgres } = services();
  tasker = await startTasker({
    ...installation.env,
    AUTH_PROVIDER: 'postgres',
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD: postgres.password,
    POSTGRES_DB: database,
    SCANLEDGER_BASE_URL: ledger.baseUrl,
    TASKER_AUTH_TOKEN: 'ledger-token',
    DNS_SERVERS: `${dns.address}:${dns.port}`,
  });
});

afterAll(async () => {
  await tasker?.stop();
  await ledger?.stop();
  await dns?.stop();
  await dropDatabase?.();
  await installation?.drop();
});

function filled(text: string): string {
  const { project, projectB, aliceProject } = users.projects;
  return text
    .replaceAll('{project}', project)
    .replaceAll('{project_b}', projectB)
    .replaceAll('{PROJECT}', project.toUpperCase())
    .replaceAll('{project_hex}', project.replaceAll('-', ''))
    .replaceAll('{alice_project}', aliceProject)
    .replaceAll('{admin_token}', users.tokens.admin);
}

function authorization(auth: string | null): Record<string, string> {
  if (auth === null) return {};
  const known: Record<string, string> = users.tokens;
  return { authorization: `Bearer ${known[auth] ?? auth}` };
}

/** node:http instead of fetch: some cases send headers and bodies that fetch would mend. */
function send({
  auth,
  request: { method, path, headers, body, raw },
}: Case): Promise<{ status: number; text: string }> {
  // Latin-1 keeps each character of a raw body one byte, so that a case can hold invalid UTF-8.
  const payload =
    raw === undefined
      ? body === undefined
        ? undefined
        : filled(JSON.stringify(body))
      : Buffer.from(raw, 'latin1');
  const sent = {
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
    ...authorization(auth),
    ...lowerCased(headers ?? {}),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(tasker.url + filled(path), { method, headers: sent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), filled(value)]),
  );
}

/** The old system had no codes: ours stands beside what it said, and nothing else does. */
function asBefore(status: number, { code, ...answer }: Record<string, unknown>): Record<string, unknown> {
  expect(code === undefined).toBe(status < 400);
  return answer;
}

describe('conformance', () => {
  it('the file has all the cases', () => expect(cases.length).toBeGreaterThanOrEqual(99));

  it.each(cases.map((one, index) => ({ ...one, title: `${index} ${one.name}` })))('$title', async (one) => {
    const { status, text } = await send(one);
    const answer = JSON.parse(text);
    expect(one.expect.status, text).toContain(status);
    if (one.expect.body !== undefined) expect(asBefore(status, answer)).toEqual(one.expect.body);
    if (one.expect.locs) {
      const locs = answer.detail.map((fault: { loc: unknown }) => fault.loc);
      for (const loc of one.expect.locs) expect(locs).toContainEqual(loc);
    }
    if (one.expect.summary) expect(answer.summary).toEqual(one.expect.summary);
    if (one.expect.prepared_targets) expect(answer.prepared_targets).toEqual(one.expect.prepared_targets);
    if (status === 200 && answer.submission) await checkTasks(one, answer);
  });
});

/** Waits until everything accepted is queued, compares it, and leaves an empty project for the next case. */
async function checkTasks(
  one: Case,
  answer: { summary: { sent_to_scan: number }; submission: { href: string } },
) {
  const { href } = answer.submission;
  const admin = users.tokens.admin;
  let progress = await tasker.get(href, admin);
  while (!isSent(progress.body.state)) progress = await tasker.get(href, admin);
  const tasks = await takeTasks(installation.vhost);
  expect(tasks.length).toBe(answer.summary.sent_to_scan);
  for (const { task } of tasks) if (one.expect.task) expect(task).toMatchObject(one.expect.task);
  const project = href.split('/')[2];
  const stopped = await tasker.get(`/tasks/${project}/stop-nmap`, admin);
  expect(stopped.body.revoked).toBe(tasks.length);
}
