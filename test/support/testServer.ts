import { createHash } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { createPostgresAuth } from '../../src/adapters/auth/postgresAuth.ts';
import { DEFAULT_SETTINGS } from '../../src/adapters/dispatch/settingsStore.ts';
import { InstallationRules } from '../../src/adapters/scopeRules/installationRules.ts';
import { noRefusals } from '../../src/adapters/submissions/progress.ts';
import { dispatchStatusExample } from '../../src/api/dispatch/status.ts';
import type { Checks } from '../../src/api/http/route.ts';
import { createServer, type ServerOptions } from '../../src/api/server.ts';
import { detailsExample } from '../../src/api/submissions/examples.ts';
import { type Config, readConfig } from '../../src/config/config.ts';
import type { Flows } from '../../src/flows/flows.ts';
import type { Progress } from '../../src/model/submission.ts';
import type { Queries } from '../../src/queries/queries.ts';
import { Compute } from '../../src/runtime/compute.ts';
import { EMPTY } from '../../src/targets/sets/addressSet.ts';
import { compileScope } from './compileScope.ts';
import { ownDatabase, services } from './services.ts';

export const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
export const OTHER_PROJECT = '00000000-0000-4000-8000-000000000000';
/** Tokens of users in the database of {@link testServer}. Alice may see PROJECT, bob sees none. */
export const TOKENS = {
  admin: 'admin-token',
  alice: 'alice-token',
  bob: 'bob-token',
  carol: 'expired-token',
};

export const PLANNED: Progress = {
  id: 'abc-1',
  kind: 'scan',
  project: PROJECT,
  user: { id: 'u1', username: 'alice' },
  state: 'dispatching',
  priority: 3,
  createdAt: '2026-11-02T09:30:00.000Z',
  finishedAt: null,
  summary: {
    provided: 1,
    duplicates_removed: 0,
    resolved_ips: 1,
    hostnames_collapsed_to_ip: 0,
    refused: noRefusals(),
    sent_to_scan: 1,
  },
  total: 1,
  sent: 0,
  failed: 0,
  paused: null,
};

const NO_SESSION = { secret: '', expiresAt: '2026-11-02T21:30:00.000Z' };

/** Flows in whatever state a test needs: most of these last too short in the real ones to be met. */
export function flowsWith(parts: Partial<Flows & Queries> = {}): Flows & Queries {
  return {
    submit: async () => ({ id: PLANNED.id, joined: false }),
    runPlan: async () => ({ id: PLANNED.id, joined: false }),
    untilPlanned: async () => PLANNED,
    progress: async (id) => (id === PLANNED.id ? PLANNED : undefined),
    outcome: async () => ({
      accepted: EMPTY,
      refused: [],
      hostnames: new Map(),
      unresolvable: [],
      entries: async function* () {},
      refusedRows: [],
    }),
    warnings: async () => [],
    bytesKept: async () => 0,
    planDetails: async () => ({
      scope: compileScope({ allowPrivate: false, exclusions: [] }),
      resolved: [],
      covered: new Map(),
      warnings: [],
    }),
    plans: async () => ({ plans: [], next: undefined }),
    deletePlan: async () => false,
    explain: async () => ({ explanations: [], next: undefined }),
    submissions: async () => ({ submissions: [PLANNED], next: undefined }),
    submissionHistory: async () => undefined,
    submissionDetails: async (project, id) =>
      project === PROJECT && id === PLANNED.id ? { ...detailsExample, ...PLANNED } : undefined,
    targets: async (project, id) =>
      project === PROJECT && id === PLANNED.id ? { targets: [], next: undefined } : undefined,
    stop: async () => ({ revoked: 0, submissions: [] }),
    setPriority: async () => 'done',
    dispatchSettings: { read: async () => DEFAULT_SETTINGS, write: async () => {} },
    exclusions: {
      bytesKept: async () => 0,
      all: async () => ({ version: '0', exclusions: new Map(), nowMs: Date.now() }),
      add: async () => 'done',
      replace: async () => 'done',
      remove: async () => [],
    },
    applyNow: async () => ({ waiting: 0, ready: 0, running: 0, complete: true }),
    receipt: async () => undefined,
    takeOut: async () => 'unknown',
    audit: { note: async () => {}, page: async () => ({ entries: [], next: undefined }) },
    events: async (_project, after) => ({ events: [], last: after, missedUpTo: undefined }),
    webhooks: { all: async () => [], replace: async () => 0 },
    sessions: {
      begin: async () => NO_SESSION,
      find: async () => undefined,
      end: async () => false,
      makeLink: async () => NO_SESSION,
      useLink: async () => undefined,
    },
    overview: {
      projectIds: async () => [],
      projects: async () => [],
      scans: async () => ({ scans: [], next: undefined }),
      rows: async () => [],
      liveIds: async () => [],
      labels: async () => new Map(),
      atWork: async () => ({ workers: [], running: new Map() }),
      dispatchHistory: async () => ({ at: [], window: [], ready: [], running: [], tasks_per_minute: [] }),
    },
    hasWork: async () => false,
    status: async () => ({ active_or_queued: 0, running: 0, running_targets: [] }),
    workers: async () => ({}),
    metrics: async () => [],
    brokerState: () => ({ connected: true, blocked: undefined }),
    queues: [],
    pausedQueues: async () => [],
    dispatchStatus: async () => dispatchStatusExample,
    pause: async (_scope, { running: _, ...pause }) => ({ pause, ready: 0, running: 0, complete: true }),
    resume: async () => 'done',
    retryFailed: async () => 0,
    retryStages: async () => [],
    cancel: async () => ({ waiting: 0, ready: 0, running: 0, complete: true }),
    pausedAll: async () => undefined,
    ...parts,
  };
}

export interface TestServerOptions {
  flows?: Flows & Queries;
  checks?: Checks;
  config?: Partial<Config>;
  limits?: ServerOptions['limits'];
  consoleDirectory?: URL;
}

/** A real server with users in a real database. `lines` is its log. */
export async function testServer({
  flows = flowsWith(),
  checks = {},
  config = {},
  limits = {},
  consoleDirectory = new URL('file:///nowhere/'),
}: TestServerOptions = {}) {
  const { database, drop } = await ownDatabase();
  const postgres = { ...services().postgres, database };
  await fillUsers(postgres);
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  const defaults = readConfig({});
  if (!defaults.ok) throw new Error(defaults.faults.join('\n'));
  const auth = createPostgresAuth(postgres, log);
  const compute = new Compute();
  const server = createServer({
    compute,
    config: { ...defaults.config, port: 0, docs: true, ...config },
    log,
    flows,
    queries: flows,
    auth,
    checks,
    limits,
    consoleDirectory,
    installationRules: new InstallationRules(defaults.config, log),
  });
  const { url } = await server.listen();
  const close = async () => {
    await server.close();
    await compute.close();
    await auth.close();
    await drop();
  };
  return { url, lines, server, close, forgetUser: (name: keyof typeof TOKENS) => forgetUser(postgres, name) };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function forgetUser(connection: pg.ClientConfig, name: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query('DELETE FROM users WHERE username = $1', [name]);
  await client.end();
}

async function fillUsers(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(`
    CREATE TABLE users (id uuid, username text, hashed_token text, email text, isadmin boolean, token_expires_at bigint);
    CREATE TABLE projects (id uuid, project_name text);
    CREATE TABLE projectuserlink (project_id uuid, user_id uuid)`);
  const user = async (name: keyof typeof TOKENS, admin: boolean, expires: number | null) => {
    const hash = createHash('sha256').update(TOKENS[name]).digest('hex');
    const result = await client.query(
      'INSERT INTO users VALUES (gen_random_uuid(), $1, $2, $3, $4, $5) RETURNING id',
      [name, hash, '', admin, expires],
    );
    return String(result.rows[0].id);
  };
  await client.query('INSERT INTO projects VALUES ($1, $2)', [PROJECT, 'one']);
  await user('admin', true, null);
  const alice = await user('alice', false, null);
  await user('bob', false, null);
  await user('carol', true, 1_000);
  await client.query('INSERT INTO projectuserlink VALUES ($1, $2)', [PROJECT, alice]);
  await client.end();
}
