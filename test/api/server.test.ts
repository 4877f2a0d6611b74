import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwayError } from '../../src/errors.ts';
import { bearer, flowsWith, OTHER_PROJECT, PLANNED, PROJECT, TOKENS, testServer } from './testServer.ts';

const SCAN = {
  hosts: ['9.9.9.9'],
  open_ports_opts: { ports: ['80'] },
  service_opts: {},
  timeout: 60,
  include_services: false,
  mode: 'append',
};
type Server = Awaited<ReturnType<typeof testServer>>;

async function call(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text ? JSON.parse(text) : undefined,
  };
}

function scan({ url }: Server, body: unknown = SCAN, token = TOKENS.admin, headers = {}) {
  return call(`${url}/tasks/${PROJECT}/run-nmap`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

describe('who may call', () => {
  let server: Server;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());
  const status = (project: string, headers = {}) =>
    call(`${server.url}/tasks/${project}/status`, { headers });

  it.each([
    {},
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${btoa(`admin:${TOKENS.admin}`)}` },
    bearer(TOKENS.carol),
    bearer(TOKENS.bob),
  ])('not %j', async (headers) => {
    const { status: code, headers: answered, body } = await status(PROJECT, headers);
    expect(code).toBe(401);
    expect(body).toEqual({ detail: 'Invalid authentication credentials' });
    expect(answered.get('www-authenticate')).toBe('Bearer');
  });

  it('asks who calls before it looks at anything else', async () => {
    expect((await status('xyz')).status).toBe(401);
    expect((await scan(server, '{', 'wrong')).status).toBe(401);
    expect((await status('xyz', bearer(TOKENS.bob))).status).toBe(422);
    expect((await scan(server, '{', TOKENS.bob)).status).toBe(401);
    expect((await scan(server, '{', TOKENS.alice)).status).toBe(422);
  });

  it('tells only admins that there is no such project', async () => {
    expect(await status(OTHER_PROJECT, bearer(TOKENS.admin))).toMatchObject({
      status: 404,
      body: { detail: 'Project not found' },
    });
    expect((await status(OTHER_PROJECT, bearer(TOKENS.alice))).status).toBe(401);
  });

  it('takes the scheme in any case and every spelling of a project', async () => {
    for (const spelling of [
      PROJECT.replaceAll('-', ''),
      PROJECT.toUpperCase(),
      `%7B${PROJECT}%7D`,
      `urn:uuid:${PROJECT}`,
    ])
      expect((await status(spelling, { authorization: `bEARER ${TOKENS.alice}` })).status).toBe(200);
  });

  it('knows which methods and paths there are', async () => {
    const wrongMethod = await call(`${server.url}/tasks/${PROJECT}/run-nmap`);
    expect(wrongMethod).toMatchObject({ status: 405, body: { detail: 'Method Not Allowed' } });
    expect(wrongMethod.headers.get('allow')).toBe('POST');
    expect(await call(`${server.url}/nothing`)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
    const head = await fetch(`${server.url}/tasks/${PROJECT}/stop-nmap`, { method: 'HEAD' });
    expect(head.status).toBe(405);
  });

  it("gives every request an id, the caller's own when it is sane", async () => {
    const own = await call(`${server.url}/health`, { headers: { 'x-request-id': 'mine-1' } });
    expect(own.headers.get('x-request-id')).toBe('mine-1');
    const odd = await call(`${server.url}/health`, { headers: { 'x-request-id': 'a b"c' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs no tokens', async () => {
    await call(`${server.url}/tasks/${PROJECT}/status?token=${TOKENS.admin}`, {
      headers: bearer(TOKENS.alice),
    });
    const log = server.lines.join('');
    expect(log).toContain(`/tasks/${PROJECT}/status`);
    for (const token of Object.values(TOKENS)) expect(log).not.toContain(token);
  });
});

describe('too many wrong tokens', () => {
  it('shuts the address out, whatever it sends then', async () => {
    const server = await testServer();
    try {
      const wrong = () => call(`${server.url}/workers/ips`, { headers: bearer('wrong') });
      for (let sent = 0; sent < 60; sent++) expect((await wrong()).status).toBe(401);
      const { status, headers, body } = await call(`${server.url}/workers/ips`, {
        headers: bearer(TOKENS.admin),
      });
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body.detail).toContain('failed logins');
    } finally {
      await server.close();
    }
  });

  it('counts only 401 answers', async () => {
    const server = await testServer();
    try {
      const right = () => call(`${server.url}/workers/ips`, { headers: bearer(TOKENS.bob) });
      const answers = await Promise.all(Array.from({ length: 100 }, right));
      expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    } finally {
      await server.close();
    }
  });
});

describe('the body', () => {
  let server: Server;
  beforeAll(async () => {
    server = await testServer({ config: { maxBodyBytes: 2 * 1024 * 1024 } });
  });
  afterAll(() => server.close());

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/vnd.api+json',
    'APPLICATION/JSON',
  ])('may be %s', async (type) => {
    expect((await scan(server, SCAN, TOKENS.alice, { 'content-type': type })).status).toBe(200);
  });

  it('may say no type at all', async () => {
    const blob = new Blob([JSON.stringify(SCAN)]);
    const path = `${server.url}/tasks/${PROJECT}/run-nmap`;
    const answer = await call(path, { method: 'POST', headers: bearer(TOKENS.alice), body: blob });
    expect(answer.status).toBe(200);
  });

  it('is refused as anything else', async () => {
    const { status, body } = await scan(server, SCAN, TOKENS.alice, { 'content-type': 'text/plain' });
    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body']);
  });

  it('has a limit, and the answer names it', async () => {
    const { status, body } = await scan(server, ' '.repeat(2 * 1024 * 1024 + 1));
    expect(status).toBe(413);
    expect(body.detail).toContain('2097152');
  });

  it('is read in a worker thread when it is big', async () => {
    const hosts = Array.from({ length: 60_000 }, (_, i) => `11.0.${i >> 8}.${i & 255}`);
    expect((await scan(server, { ...SCAN, hosts })).status).toBe(200);
    const { status, body } = await scan(server, { ...SCAN, hosts: hosts.map((host) => `${host}:80`) });
    expect(status).toBe(422);
    expect(body.detail).toHaveLength(1_000);
    expect(body.errors_total).toBe(60_000);
  });
});

describe('what becomes of a submission', () => {
  const answerIn = async (parts: Parameters<typeof flowsWith>[0]) => {
    const server = await testServer({ flows: flowsWith(parts) });
    try {
      return { ...(await scan(server)), lines: server.lines };
    } finally {
      await server.close();
    }
  };
  const href = `/tasks/${PROJECT}/submissions/${PLANNED.id}`;

  it('planned: 200', async () => {
    const { status, body } = await answerIn({});
    expect(status).toBe(200);
    expect(body.submission).toEqual({ id: PLANNED.id, state: 'dispatching', href });
  });

  it('still planning at the deadline: 202 with the numbers so far', async () => {
    const { status, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'planning' }),
    });
    expect(status).toBe(202);
    expect(Object.keys(body)).toEqual(['summary', 'prepared_targets', 'input_to_scan', 'submission']);
    expect(body).toMatchObject({
      prepared_targets: {},
      input_to_scan: [],
      submission: { state: 'planning', href },
    });
  });

  it('a stage gave up: 503 that says which and why', async () => {
    const failure = { stage: 'dedup', reason: 'the ledger refuses the token' };
    const { status, headers, body } = await answerIn({
      untilPlanned: async () => ({ ...PLANNED, state: 'failed' as const, failure }),
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).not.toBeNull();
    expect(body.detail).toBe('dedup gave up: the ledger refuses the token; the submission waits for a retry');
    expect(body.submission).toMatchObject({ state: 'failed', href });
  });

  it('stopped meanwhile: 409', async () => {
    const { status, body } = await answerIn({ untilPlanned: async () => ({ ...PLANNED, state: 'stopped' }) });
    expect(status).toBe(409);
    expect(body.submission).toMatchObject({ state: 'stopped', href });
  });

  it('Redis away: 503 that names it', async () => {
    const { status, headers, body } = await answerIn({
      submit: async () => {
        throw new AwayError('redis', 'redis does not answer within 1000 ms');
      },
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).not.toBeNull();
    expect(body).toEqual({ detail: 'redis does not answer within 1000 ms' });
  });

  it('a defect: 500 with the id to look for, and the stack in the log', async () => {
    const { status, headers, body, lines } = await answerIn({
      submit: async () => {
        throw new Error('boom');
      },
    });
    expect(status).toBe(500);
    expect(body).toEqual({ detail: 'Internal Server Error', request_id: headers.get('x-request-id') });
    expect(lines.join('')).toMatch(/boom.*server\.test\.ts/);
  });

  it('is told again to those who may see its project', async () => {
    const server = await testServer();
    try {
      const headers = bearer(TOKENS.alice);
      expect((await call(`${server.url}${href}`, { headers })).body).toEqual(PLANNED);
      expect((await call(`${server.url}${href}x`, { headers })).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});

describe('ready', () => {
  it('is 503 only when something needed is away', async () => {
    const ok = { needed: true, check: async () => {} };
    const gone = (needed: boolean) => ({ needed, check: async () => Promise.reject(new Error('no route')) });
    const degraded = await testServer({ checks: { redis: ok, rabbitmq: gone(false) } });
    const broken = await testServer({ checks: { redis: gone(true), ledger: undefined } });
    try {
      expect(await call(`${degraded.url}/ready`)).toMatchObject({
        status: 200,
        body: {
          status: 'ok',
          services: { redis: { status: 'ok' }, rabbitmq: { status: 'away', detail: 'no route' } },
        },
      });
      expect(await call(`${broken.url}/ready`)).toMatchObject({ status: 503, body: { status: 'away' } });
    } finally {
      await Promise.all([degraded.close(), broken.close()]);
    }
  });

  it('does not wait for a service that never answers', async () => {
    const server = await testServer({
      checks: { redis: { needed: true, check: () => new Promise(() => {}) } },
    });
    try {
      const { body } = await call(`${server.url}/ready`);
      expect(body.services.redis).toEqual({ status: 'away', detail: 'no answer within 2000 ms' });
    } finally {
      await server.close();
    }
  });
});

describe('closing', () => {
  it('answers those who wait with what is known', async () => {
    let waiting = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const untilPlanned = (_id: string, timeoutMs: number) => {
      if (timeoutMs === 0) return Promise.resolve({ ...PLANNED, state: 'planning' as const });
      waiting();
      return new Promise<never>(() => {});
    };
    const server = await testServer({ flows: flowsWith({ untilPlanned }) });
    const answer = scan(server);
    await isWaiting;
    await server.close();
    expect((await answer).status).toBe(202);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  });
});
