import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { type Fault, meet, sendJson } from './ledgerFaults.ts';

interface StandInUser {
  admin?: boolean;
  /** Ids of the projects that the user may see; an admin sees all. */
  projects?: string[];
}

export interface StandInLedgerOptions {
  /** By token. */
  users: Record<string, StandInUser>;
  /** By project id: address -> host names. Without it every project exists, empty at first. */
  projects?: Record<string, Record<string, string[]>>;
  /** With it: HTTPS. */
  certificate?: Certificate;
  /** @default a free one */
  port?: number;
}

interface RecordedRequest {
  method: string;
  /** Path with query. */
  url: string;
  token: string;
  body: unknown;
}

export interface StandInLedger {
  baseUrl: string;
  requests: RecordedRequest[];
  /** May be set and deleted at any time. */
  fault?: Fault;
  /** Of the open connections. */
  connections(): Promise<number>;
  /** Closes all connections; new ones are taken. */
  hangUp(): void;
  /** Each host has so many characters beside its address and its names. */
  hostCharacters: number;
  /** A project that is asked for and not there is made. */
  anyProject: boolean;
  users: Map<string, StandInUser>;
  /** Project id -> address -> host names. */
  projects: Map<string, Map<string, string[]>>;
  stop(): Promise<void>;
}

type Handled = { status: number; body: unknown };

/** Stands in for ScanLedger's HTTP API, as far as Tasker uses it, on a real socket of 127.0.0.1. */
export async function startStandInLedger(options: StandInLedgerOptions): Promise<StandInLedger> {
  const { users, projects, certificate, port = 0 } = options;
  const onRequest: RequestListener = (request, response) => void serve(ledger, request, response);
  const server = certificate ? createTlsServer(certificate, onRequest) : createServer(onRequest);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const ledger: StandInLedger = {
    baseUrl: `${certificate ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    requests: [],
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    hangUp: () => server.closeAllConnections(),
    hostCharacters: 0,
    anyProject: projects === undefined,
    users: new Map(Object.entries(users)),
    projects: new Map(Object.entries(projects ?? {}).map(([id, ips]) => [id, new Map(Object.entries(ips))])),
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
  return ledger;
}

async function serve(
  ledger: StandInLedger,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? '';
  let body: unknown;
  try {
    body = await bodyOf(request);
  } catch {
    // The client went away half-way, as clients of a hanging server do.
    return;
  }
  const { method = '', url = '' } = request;
  ledger.requests.push({ method, url, token, body });
  const { fault } = ledger;
  if (fault !== undefined) return meet(fault, request, response);
  const { status, body: answer } = handle(ledger, token, method, new URL(url, ledger.baseUrl), body);
  sendJson(response, status, answer);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function handle(ledger: StandInLedger, token: string, method: string, url: URL, body: unknown): Handled {
  const refused = { status: 401, body: { detail: 'Invalid authentication credentials' } };
  const user = ledger.users.get(token);
  if (!user) return refused;
  const [first, id, rest] = url.pathname.split('/').slice(1);
  if (first !== 'projects') return { status: 404, body: { detail: 'Not Found' } };
  const visible = (project: string) => user.admin || user.projects?.includes(project);
  const describe = (project: string) => ({ id: project, project_name: `project ${project}` });
  if (id === undefined)
    return { status: 200, body: [...ledger.projects.keys()].filter(visible).map(describe) };
  if (!visible(id)) return refused;
  if (ledger.anyProject && !ledger.projects.has(id)) ledger.projects.set(id, new Map());
  const ips = ledger.projects.get(id);
  if (!ips) return { status: 404, body: { detail: 'Project not found' } };
  if (rest === undefined) return { status: 200, body: describe(id) };
  return method === 'POST' ? insert(ips, body) : list(ips, url.searchParams, ledger.hostCharacters);
}

function list(ips: Map<string, string[]>, query: URLSearchParams, characters: number): Handled {
  const skip = Number(query.get('skip') ?? 0);
  const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
  const records = [...ips].sort(([a], [b]) => (a < b ? -1 : 1)).slice(skip, skip + limit);
  const body = records.map(([ip, hostnames]) => ({
    ...{
      ip,
      status: 'up',
      os: characters > 0 ? 'x'.repeat(characters) : null,
      starttime: null,
      endtime: null,
    },
    ...{ hostnames, ports: [] },
  }));
  return { status: 200, body };
}

/** Merges host names into known records and says which addresses are new. */
function insert(ips: Map<string, string[]>, body: unknown): Handled {
  const created: string[] = [];
  for (const { ip, hostnames } of body as { ip: string; hostnames: string[] }[]) {
    const known = ips.get(ip);
    if (!known) created.push(ip);
    ips.set(ip, [...new Set([...(known ?? []), ...hostnames])]);
  }
  return { status: 200, body: created };
}
