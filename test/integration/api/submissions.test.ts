import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submissionBody } from '../../../src/api/submissions/submissionBody.ts';
import type { SubmissionQuery } from '../../../src/queries/submissionList.ts';
import type { TargetQuery } from '../../../src/queries/targetList/targetList.ts';
import type { TargetOutcome } from '../../../src/queries/targetOutcome.ts';
import { call, type TestServer } from '../../support/client.ts';
import {
  bearer,
  flowsWith,
  OTHER_PROJECT,
  PLANNED,
  PROJECT,
  TOKENS,
  testServer,
} from '../../support/testServer.ts';

const PATH = `/tasks/${PROJECT}/submissions`;
const TARGETS = `${PATH}/${PLANNED.id}/targets`;
const target = (name: string, more: Partial<TargetOutcome> = {}): TargetOutcome => {
  return { target: name, hostnames: [], state: 'waiting', reason: null, task_id: null, ...more };
};

const asked: { list: SubmissionQuery[]; targets: TargetQuery[] } = { list: [], targets: [] };
let server: TestServer;

beforeAll(async () => {
  const flows = flowsWith({
    submissions: async (_project, query) => {
      asked.list.push(query);
      return { submissions: [PLANNED], next: { id: PLANNED.id, atMs: 17 } };
    },
    targets: async (project, id, query) => {
      if (project !== PROJECT || id !== PLANNED.id) return undefined;
      asked.targets.push(query);
      if (query.from?.section === 'names')
        return { targets: [target('a,b.test', { hostnames: ['x', 'y'] })], next: undefined };
      return { targets: [target('8.8.8.1')], next: { section: 'names', index: 3 } };
    },
  });
  server = await testServer({ flows });
});
afterAll(() => server.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  call(`${server.url}${path}`, { headers: { ...bearer(TOKENS.alice), ...headers } });

describe('the list of submissions', () => {
  it('has a default limit, and cursors that are handed back as they are', async () => {
    const { status, body } = await get(PATH);
    expect(status).toBe(200);
    expect(body).toEqual({ submissions: [submissionBody(PLANNED)], next: expect.any(String) });
    await get(`${PATH}?limit=7&state=done&cursor=${body.next}&unknown=1`);
    expect(asked.list.splice(0)).toEqual([
      { limit: 50 },
      { limit: 7, state: 'done', after: { id: PLANNED.id, atMs: 17 } },
    ]);
  });

  it.each([
    ['limit=0', ['query', 'limit'], '0'],
    ['limit=201', ['query', 'limit'], '201'],
    ['limit=ten', ['query', 'limit'], 'ten'],
    ['state=cooking', ['query', 'state'], 'cooking'],
    ['cursor=zzz', ['query', 'cursor'], 'zzz'],
  ])('refuses %s', async (query, loc, input) => {
    const { status, body } = await get(`${PATH}?${query}`);
    expect(status).toBe(422);
    expect(body.detail).toHaveLength(1);
    expect(body.detail[0]).toMatchObject({ loc, msg: expect.stringMatching(/./) });
    expect(String(body.detail[0].input)).toBe(input);
  });

  it('names every fault at once', async () => {
    const { body } = await get(`${TARGETS}?limit=-1&state=x&reason=y`);
    expect(body.detail.map(({ loc }: { loc: string[] }) => loc[1]).sort()).toEqual([
      'limit',
      'reason',
      'state',
    ]);
  });
});

describe('the targets of a submission', () => {
  it('come in pages', async () => {
    asked.targets.length = 0;
    const { body, headers } = await get(`${TARGETS}?limit=1&state=waiting`);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body.targets).toEqual([target('8.8.8.1')]);
    const last = await get(`${TARGETS}?cursor=${body.next}`);
    expect(last.body.next).toBeNull();
    expect(asked.targets).toEqual([
      { limit: 1, state: 'waiting' },
      { limit: 200, from: { section: 'names', index: 3 } },
    ]);
  });

  it('are found by a text, in small letters and without blanks around it, in every format', async () => {
    asked.targets.length = 0;
    await get(`${TARGETS}?text=%20WWW.x%20&state=done`);
    await get(`${TARGETS}?text=8.8.8.0%2F24`, { accept: 'text/csv' });
    const [part, network, nextPage] = asked.targets.splice(0);
    expect(part).toMatchObject({ state: 'done', search: { text: 'www.x', part: 'www.x' } });
    const v4 = Float64Array.of(0x08080800, 0x08080900);
    expect(network?.search).toEqual({ text: '8.8.8.0/24', addresses: { v4, v6: [] }, part: undefined });
    expect(nextPage?.search).toEqual(network?.search);
  });

  it.each([
    ['8.8.8.0%2F33', 'prefix 33 is not in 0..32'],
    ['10.10.128%2F17', 'did you mean 10.10.128.0/17?'],
    ['a%20b', 'blank'],
    ['', 'empty'],
  ])('refuse the text %s', async (typed, problem) => {
    const { status, body } = await get(`${TARGETS}?text=${typed}`);
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.detail).toEqual([expect.objectContaining({ loc: ['query', 'text'] })]);
    expect(body.detail[0].msg).toContain(problem);
  });

  it('come as CSV, all of them', async () => {
    const response = await get(TARGETS, { accept: 'text/csv' });
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(response.headers['content-disposition']).toBe(`attachment; filename="targets-${PLANNED.id}.csv"`);
    expect(response.text).toBe(
      'target,hostnames,state,reason,task_id,moved_from,starts\r\n8.8.8.1,,waiting,,,,\r\n"a,b.test",x y,waiting,,,,\r\n',
    );
  });

  it('come as one JSON object a line', async () => {
    const response = await get(TARGETS, { accept: 'application/x-ndjson' });
    expect(response.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = response.text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).target)).toEqual(['8.8.8.1', 'a,b.test']);
  });

  it.each(['*/*', 'text/html', 'application/json, text/csv;q=0.5'])('are JSON for %s', async (accept) => {
    expect((await get(TARGETS, { accept })).headers['content-type']).toMatch(/^application\/json/);
  });

  it('are not found where there are none', async () => {
    const admin = { headers: bearer(TOKENS.admin) };
    expect((await get(`${PATH}/other/targets`)).status).toBe(404);
    expect((await get(`${PATH}/a%20b/targets`)).status).toBe(404);
    const elsewhere = `${server.url}/tasks/${OTHER_PROJECT}/submissions/${PLANNED.id}`;
    expect((await call(elsewhere, admin)).status).toBe(404);
    expect((await call(`${elsewhere}/targets`, admin)).status).toBe(404);
  });
});
