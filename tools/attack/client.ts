/** Requests as the attack makes them: whatever comes back is looked at, nothing throws but a lost connection. */
import { Agent, request } from 'undici';

/** Longer than any answer may take: RESPONSE_DEADLINE is 45 s. */
const PATIENCE_MS = 50_000;

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The text as JSON; undefined when it is none. */
  readonly json: unknown;
  ms: number;
}

interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: object | string | Buffer;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Client {
  token: string;
  /** Asks a path of the server. */
  ask(path: string, ask?: Ask): Promise<Reply>;
  /** Asks a path of the client's project. */
  inProject(path: string, ask?: Ask): Promise<Reply>;
  /** A plan or a scan of these hosts. */
  plan(hosts: readonly string[], more?: object): Promise<Reply>;
  run(hosts: readonly string[], more?: object): Promise<Reply>;
}

/** At once; more would measure how fast the machine opens connections. */
const CONNECTIONS = 250;

const agent = new Agent({ connections: CONNECTIONS, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });

/** A caller with a token, and a project that most of its calls are about. */
export function client(url: string, token: string, project: string): Client {
  const ask: Client['ask'] = async (path, { method = 'GET', body, headers = {}, signal } = {}) => {
    const begun = performance.now();
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const answer = await request(url + path, {
      dispatcher: agent,
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : (body ?? null),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await answer.body.text();
    const ms = performance.now() - begun;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      // Only when it is wanted: to parse a long answer keeps the machine busy, which then looks like a slow Tasker.
      get json() {
        return parsed(text);
      },
      ms,
    };
  };
  const inProject: Client['inProject'] = (path, options) => ask(`/tasks/${project}/${path}`, options);
  const post = (path: string) => (hosts: readonly string[], more?: object) =>
    inProject(path, { method: 'POST', body: scanBody(hosts, more) });
  return { token, ask, inProject, plan: post('plan'), run: post('run-nmap') };
}

export function closeClients(): Promise<void> {
  return agent.destroy();
}

/** A scan request with the fields that have no default. */
export function scanBody(hosts: readonly string[], more: object = {}): object {
  return {
    hosts,
    open_ports_opts: { ports: ['80'] },
    service_opts: {},
    timeout: 60,
    include_services: false,
    mode: 'append',
    ...more,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value at the end of a path of keys, or undefined. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
