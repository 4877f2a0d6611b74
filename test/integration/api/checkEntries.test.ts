import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type TestServer } from '../../support/client.ts';
import { bearer, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ config: { maxTargets: 100_000 } });
});
afterAll(() => server.close());

async function check(body: unknown, token = TOKENS.alice) {
  const request = {
    method: 'POST' as const,
    headers: { ...bearer(token), 'content-type': 'application/json' },
  };
  return call(`${server.url}/tasks/${PROJECT}/check-entries`, { ...request, body: JSON.stringify(body) });
}

/** The texts with each fix in its place. */
function fixed(hosts: readonly string[], problems: Problem[]): string[] {
  const texts = hosts.map((text) => text.split('\n'));
  for (const { item, line, column, length, fix } of problems.toReversed()) {
    const lines = texts[item];
    const text = lines?.[line - 1];
    if (lines === undefined || text === undefined || fix === undefined) continue;
    lines[line - 1] = text.slice(0, column - 1) + fix + text.slice(column - 1 + length);
  }
  return texts.map((lines) => lines.join('\n'));
}

interface Problem {
  item: number;
  line: number;
  column: number;
  length: number;
  fix?: string;
}

describe('checked entries', () => {
  it('say what is wrong at which place, and what to put there', async () => {
    const hosts = [
      '8.8.8.8',
      '# mine\n9.9.9.0/30, 8.8.4.4:80 # x\n  8.8.8.300',
      'http://www.example.com/a',
      7,
    ];
    const { status, body } = await check({ hosts, exclude: ['8.8.8.8', '10.0.0.256', '*.example.com'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ provided: 6, duplicates_removed: 0, entries: 2, addresses: 3, names: 0, exclusions: 2 },
      problems: [
        { list: 'hosts', item: 1, line: 2, column: 13, length: 10, input: '8.8.4.4:80', fix: '8.8.4.4' },
        { list: 'hosts', item: 1, line: 3, column: 3, length: 9, message: 'octet 300 is not in 0..255' },
        { list: 'hosts', item: 2, line: 1, column: 1, fix: 'www.example.com' },
        { list: 'hosts', item: 3, length: 0, input: 7 },
        { list: 'exclude', item: 1, line: 1, column: 1, input: '10.0.0.256' },
      ],
    });
    expect(body.problems[1]).not.toHaveProperty('fix');
    expect(body).not.toHaveProperty('problems_total');
  });

  it('are right once the fixes stand in their places', async () => {
    const hosts = [
      '8.8.4.4:80, 9.9.9.9:443\nhttps://www.example.com/x\n\u{2013} 9.9.9.1',
      '008.8.8.8 9.9.9.1-9.9.9.7/32',
    ];
    const { body } = await check({ hosts });
    const fixable = (body.problems as Problem[]).filter(({ fix }) => fix !== undefined);
    expect(fixable.length).toBeGreaterThan(2);
    const again = await check({ hosts: fixed(hosts, fixable) });
    expect(again.body.problems).toHaveLength(body.problems.length - fixable.length);
  });

  it('come to the numbers that a scan would have', async () => {
    const { body } = await check({
      hosts: ['8.8.8.0/30 8.8.8.1 www.example.com WWW.example.com.', '2001:db8::/64'],
    });
    expect(body).toMatchObject({ provided: 5, duplicates_removed: 1, entries: 4, names: 1 });
    expect(body.addresses).toBe(2 ** 64 + 2);
    expect(body.problems).toMatchObject([
      { list: 'hosts', item: null, message: expect.stringContaining('MAX_TARGETS') },
    ]);
  });

  it('are read in a thread when there are many, with the same outcome', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const { body } = await check({ hosts: [...many, ...Array(2_000).fill('8.8.8.300')] });
    expect(body).toMatchObject({
      provided: 32_000,
      entries: 30_000,
      addresses: 30_000,
      problems_total: 2_000,
    });
    expect(body.problems).toHaveLength(1_000);
  });

  it('are refused when they are no lists of entries, and to those who may not see the project', async () => {
    for (const body of [{}, [], null, { hosts: 'x' }, { hosts: [], exclude: [7] }, { hosts: [], more: 1 }])
      expect([body, (await check(body)).status]).toEqual([body, 422]);
    expect((await check({ hosts: [] }, TOKENS.bob)).status).toBe(401);
  });
});
