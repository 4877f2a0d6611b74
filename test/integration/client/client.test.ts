/** The typed client against a real server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, type Client, createClient, ForeignAnswer } from '../../../src/client/client.ts';
import { linesOf, pagesOf } from '../../../src/client/longAnswers.ts';
import type { Queries } from '../../../src/queries/queries.ts';
import type { TargetOutcome } from '../../../src/queries/targetOutcome.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

type Server = Awaited<ReturnType<typeof testServer>>;
const path = { project_id: PROJECT };
const ofScan = { ...path, submission_id: PLANNED.id };

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function clientOf(parts: Partial<Queries> = {}, token = TOKENS.alice): Promise<Client> {
  server = await testServer({ flows: flowsWith(parts) });
  return createClient(server.url, () => ({ authorization: `Bearer ${token}` }));
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

function outcome(index: number): TargetOutcome {
  return {
    target: `8.8.${index >> 8}.${index & 255}`,
    hostnames: [],
    state: 'done',
    reason: null,
    task_id: null,
  };
}

/** Pages of a list of so many targets. */
function listOf(count: number): Queries['targets'] {
  return async (_project, _id, { from = { section: 'accepted', index: 0 }, limit }) => {
    const end = Math.min(count, from.index + limit);
    const targets = Array.from({ length: end - from.index }, (_, offset) => outcome(from.index + offset));
    return { targets, next: end < count ? { section: 'accepted', index: end } : undefined };
  };
}

describe('a call', () => {
  it('gives the status and the answer', async () => {
    const client = await clientOf();
    const { status, answer } = await client.call('getSubmission', { path: ofScan });
    expect([status, answer.id, answer.progress.total]).toEqual([200, PLANNED.id, expect.any(Number)]);
  });

  it('sends what stands in the query and the body, and names with odd letters as one part of the path', async () => {
    const asked: unknown[] = [];
    const client = await clientOf({
      submissions: async (...args) => {
        asked.push(args);
        return { submissions: [], next: undefined };
      },
    });
    await client.call('listSubmissions', { path, query: { state: 'done', limit: 7 } });
    expect(asked).toEqual([[PROJECT, { state: 'done', limit: 7 }]]);
    const body = { hosts: ['8.8.8.8'], colour: 'red' } as never;
    const refused = await failure(client.call('makePlan', { path, body }));
    expect(refused).toMatchObject({ status: 422, code: 'invalid_request' });
    const odd = await failure(
      client.call('getSubmission', { path: { ...path, submission_id: '../status' } }),
    );
    expect(odd).toMatchObject({ status: 404, code: 'unknown_submission' });
  });

  it('throws what the API refuses, with its code and a line for each problem', async () => {
    const client = await clientOf();
    const body = { hosts: ['8.8.8.300'], open_ports_opts: {}, service_opts: {}, timeout: 0 } as never;
    const refused = await failure(client.call('runNmap', { path, body }));
    expect(refused).toBeInstanceOf(ApiError);
    expect((refused as ApiError).message.split('\n')).toEqual(
      expect.arrayContaining([
        'hosts.0: octet 300 is not in 0..255',
        'timeout: Input should be greater than or equal to 1',
      ]),
    );
    const stranger = createClient(server?.url ?? '', () => ({ authorization: 'Bearer nobody' }));
    expect(await failure(stranger.call('listWorkers', {}))).toMatchObject({
      status: 401,
      code: 'invalid_credentials',
      message: 'Invalid authentication credentials',
    });
  });

  it('tells after how many seconds to ask again', async () => {
    const client = await clientOf({
      submissions: async () => {
        throw new ServiceUnavailableError('redis', 'Redis does not answer');
      },
    });
    const away = await failure(client.call('listSubmissions', { path }));
    expect(away).toMatchObject({ status: 503, code: 'redis_away', retryAfterS: expect.any(Number) });
  });

  it('ends when its signal says so', async () => {
    const client = await clientOf();
    const signal = AbortSignal.abort();
    expect(await failure(client.call('listWorkers', {}, { signal }))).toMatchObject({ name: 'AbortError' });
  });

  it('knows an answer that is not from Tasker', async () => {
    const proxy = createServer((request, response) => {
      if (request.url === '/health') response.end('<html>hello');
      else response.writeHead(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }).end('<html>away');
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const client = createClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, () => ({}));
    const page = await failure(client.call('getHealth', {}));
    expect([page, (page as ForeignAnswer).status]).toEqual([expect.any(ForeignAnswer), 200]);
    const away = await failure(client.call('getReadiness', {}));
    expect(away).toMatchObject({ status: 503, code: undefined, retryAfterS: undefined });
    expect((away as Error).message).toBe('The server answers with status 503');
    proxy.close();
  });
});

describe('a long answer', () => {
  it('comes page by page, and a page is asked for only when the one before has been read', async () => {
    let pages = 0;
    const list = listOf(25);
    const client = await clientOf({
      targets: (...args) => {
        pages += 1;
        return list(...args);
      },
    });
    const found: string[] = [];
    for await (const { targets } of pagesOf(client, 'listTargets', { path: ofScan, query: { limit: 10 } })) {
      found.push(...targets.map(({ target }) => target));
      expect(pages).toBe(Math.ceil(found.length / 10));
    }
    expect(found).toEqual(Array.from({ length: 25 }, (_, index) => outcome(index).target));
  });

  it('comes line by line, as it was sent, also when letters are cut between pieces', async () => {
    const client = await clientOf({
      targets: async (...args) => {
        const page = await listOf(1_700)(...args);
        return (
          page && { ...page, targets: page.targets.map((one) => ({ ...one, hostnames: ['bücher.example'] })) }
        );
      },
    });
    const headers = { accept: 'application/x-ndjson' };
    const response = await client.open('listTargets', { path: ofScan }, { headers });
    const lines: TargetOutcome[] = [];
    for await (const line of linesOf(response)) lines.push(JSON.parse(line));
    expect(lines).toHaveLength(1_700);
    expect(lines[1_699]).toMatchObject({ target: '8.8.6.163', hostnames: ['bücher.example'] });
    const letters = [...new TextEncoder().encode('a\nü\n\nb')].map((byte) => Uint8Array.of(byte));
    const cut = new Response(ReadableStream.from(letters));
    const read: string[] = [];
    for await (const line of linesOf(cut)) read.push(line);
    expect(read).toEqual(['a', 'ü', '', 'b']);
  });

  it('that breaks off is an error, and no short list', async () => {
    let page = 0;
    const client = await clientOf({
      targets: (...args) => {
        page += 1;
        if (page === 2) throw new Error('a defect in the middle');
        return listOf(5_000)(...args);
      },
    });
    const response = await client.open('listTargets', { path: ofScan }, { headers: { accept: 'text/csv' } });
    const read = async () => {
      for await (const _ of linesOf(response));
    };
    expect(await failure(read())).toBeInstanceOf(Error);
  });

  it('is given up when nobody wants more of it', async () => {
    const client = await clientOf({ targets: listOf(1_000_000) });
    const headers = { accept: 'application/x-ndjson' };
    const response = await client.open('listTargets', { path: ofScan }, { headers });
    for await (const line of linesOf(response)) {
      expect(JSON.parse(line)).toMatchObject({ target: '8.8.0.0' });
      break;
    }
    expect(response.bodyUsed).toBe(true);
  });
});
