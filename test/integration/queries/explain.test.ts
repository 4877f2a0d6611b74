/** Why something was scanned, or was not: asked of real scans with real names. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import type { Asked } from '../../../src/queries/explain/asked.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { parseEntry, rangesOfEntry } from '../../../src/targets/entries/entry.ts';
import { encode, fromRanges, singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';
import { runningKey } from '../../support/workerContract.ts';

let dns: DnsServer;
let scene: FlowScene;
let api: ApiFlows;

beforeAll(async () => {
  dns = await startDnsServer({
    zone: [
      '11.40.0.1 a.test',
      'cname:a.test alias.test',
      '11.40.9.9 out.test',
      '10.0.0.7 inside.test',
      '11.40.8.8 *.wild.test',
    ],
  });
  const servers = [`${dns.address}:${dns.port}`];
  scene = await flowScene(createResolver({ servers, hostsFile: '/nowhere/hosts' }));
  api = await apiFlows(scene);
  scene.runJobs();
});
afterAll(async () => {
  await api?.close();
  await scene?.close();
  await dns?.stop();
});

const ENTRIES = [
  '11.40.0.0/30',
  'alias.test',
  'out.test',
  'gone.test',
  '10.0.0.7',
  'inside.test',
  'x.wild.test',
];

/** A scan of {@link ENTRIES} that is sent. */
async function scanned(project: string, entries = ENTRIES): Promise<string> {
  const names = entries.filter((entry) => entry.endsWith('.test')).length;
  const id = await scene.submit({
    project,
    entries: entries.join('\n'),
    provided: entries.length,
    names,
    exclude: ['out.test'],
  });
  await scene.untilState(id, 'done');
  return id;
}

const about = (text: string): Asked => {
  const parsed = parseEntry(text);
  if (!parsed.ok || parsed.entry.kind === 'name') return { name: text };
  const [range] = rangesOfEntry(parsed.entry, { networkAndBroadcast: true });
  if (range === undefined) throw new Error(`${text} is no range`);
  return { range };
};

const ask = async (project: string, text: string) =>
  (await api.queries.explain(project, about(text), undefined, new AbortController().signal)).explanations;

it('names the entries and names that led to an address, and the task that it has', async () => {
  const project = randomUUID();
  const id = await scanned(project);
  const [explanation, ...others] = await ask(project, '11.40.0.1');
  expect(others).toEqual([]);
  expect(explanation).toMatchObject({
    submission: { id, state: 'done', user: { username: 'ann' } },
    entries: [
      { entry: '11.40.0.0/30', item: 0, line: 1, column: 1 },
      { entry: 'alias.test', item: 1, line: 1, column: 1 },
    ],
    names: [{ name: 'alias.test', addresses: ['11.40.0.1'], chain: ['a.test'], ttl_s: 60 }],
    addresses: [{ address: '11.40.0.1', state: 'queued', task_id: expect.any(String) }],
  });
  expect(explanation?.addresses[0]).toHaveProperty('sent_at');
  expect(await ask(project, '11.40.0.77')).toEqual([]);
  expect(await ask(randomUUID(), '11.40.0.1')).toEqual([]);
});

it('names the worker that scans an address now, and says when it is done', async () => {
  const project = randomUUID();
  await scanned(project, ['11.41.0.1']);
  const [before] = await ask(project, '11.41.0.1');
  const task = before?.addresses[0]?.task_id ?? '';
  const running = runningKey(task, 'scan-1');
  await scene.redis.rpush(
    running,
    JSON.stringify({ ip: '11.41.0.1', hostnames: [], worker: 'scan-1', started_at: 1_800_000_000 }),
  );
  // A look at what all workers do counts for a while.
  const [now] = await eventually('it is seen', async () => {
    const [explained] = await ask(project, '11.41.0.1');
    return explained?.addresses[0]?.state === 'running' && explained.addresses;
  });
  expect(now).toMatchObject({ task_id: task, worker: 'scan-1', started_at: 1_800_000_000 });
  await scene.redis.del(running);
  await scene.redis.srem(workerKeys.projectTasks(project), task);
  expect((await ask(project, '11.41.0.1'))[0]?.addresses).toMatchObject([{ state: 'done', task_id: task }]);
});

it('says which rule an address or a name was refused by', async () => {
  const project = randomUUID();
  await scanned(project);
  expect((await ask(project, '10.0.0.7'))[0]?.addresses).toMatchObject([
    {
      state: 'refused',
      task_id: null,
      refusal: { reason: 'private_ip', detail: { rule: 'special_purpose' } },
    },
  ]);
  const [excluded] = await ask(project, 'out.test');
  expect(excluded?.names).toMatchObject([
    { name: 'out.test', refusal: { reason: 'forbidden', detail: { entry: 'out.test' } } },
  ]);
  expect(excluded?.addresses).toMatchObject([{ address: '11.40.9.9', state: 'refused' }]);
  const [gone] = await ask(project, 'gone.test');
  expect(gone).toMatchObject({
    entries: [{ entry: 'gone.test' }],
    names: [{ addresses: [], refusal: { reason: 'unresolvable', detail: { rule: 'dns', source: 'DNS' } } }],
    addresses: [],
  });
  expect((await ask(project, 'x.wild.test'))[0]?.names).toMatchObject([
    { name: 'x.wild.test', addresses: ['11.40.8.8'], wildcard: true },
  ]);
  expect(await ask(project, 'nobody.test')).toEqual([]);
});

it('says that an address was left out because the project had it in the queue', async () => {
  const project = randomUUID();
  await scanned(project, ['11.42.0.1']);
  await scanned(project, ['11.42.0.1']);
  const [second, first] = await ask(project, '11.42.0.1');
  expect(first?.addresses).toMatchObject([{ state: 'queued' }]);
  expect(second?.addresses).toMatchObject([
    {
      state: 'refused',
      refusal: { reason: 'already_in_queue', detail: { rule: 'queue', source: 'this project' } },
    },
  ]);
});

it('still says what is known when the rules of a scan are no longer kept, and nothing of one that is gone', async () => {
  const project = randomUUID();
  const id = await scanned(project, ['11.43.0.1', '10.0.0.7']);
  await scene.redis.del(submissionKeys(id).rules);
  const [refused] = await ask(project, '10.0.0.7');
  expect(refused?.addresses).toMatchObject([{ state: 'refused', refusal: { reason: 'private_ip' } }]);
  await scene.redis.del(submissionKeys(id).facts);
  expect(await ask(project, '11.43.0.1')).toEqual([]);
});

it('tells of a network what led into it, what was decided about it, and of each address the rule or the task', async () => {
  const project = randomUUID();
  const id = await scanned(project, [...ENTRIES, '11.40.*.8', '11.39.0.1']);
  const [explanation, ...others] = await ask(project, '11.40.0.0/16');
  expect(others).toEqual([]);
  expect(explanation?.submission.id).toBe(id);
  expect(explanation?.entries.map(({ entry }) => entry)).toEqual([
    '11.40.0.0/30',
    'alias.test',
    'out.test',
    'x.wild.test',
    '11.40.*.8',
  ]);
  expect(explanation?.names.map(({ name }) => name).sort()).toEqual([
    'alias.test',
    'out.test',
    'x.wild.test',
  ]);
  // /30: two hosts. The pattern: 256, of which one is where the wildcard leads. Only out.test's address is refused.
  expect(explanation?.network).toEqual({ accepted: 258n, refused: { forbidden: 1n } });
  expect(explanation?.addresses).toHaveLength(50);
  expect(explanation?.addresses.slice(0, 3)).toMatchObject([
    { address: '11.40.0.1', state: 'queued', task_id: expect.any(String), sent_at: expect.any(String) },
    { address: '11.40.0.2', state: 'queued' },
    { address: '11.40.0.8', state: 'queued' },
  ]);

  const [refused] = await ask(project, '11.40.9.9-11.40.9.10');
  expect(refused).toMatchObject({
    entries: [{ entry: 'out.test' }],
    addresses: [
      {
        address: '11.40.9.9',
        state: 'refused',
        refusal: { reason: 'forbidden', detail: { entry: 'out.test' } },
      },
    ],
    network: { accepted: 0n, refused: { forbidden: 1n } },
  });
  // Between two values of the pattern, and where nothing leads.
  for (const nothing of ['11.40.3.9-11.40.4.7', '11.41.0.0/16', '2001:db8::/32'])
    expect(await ask(project, nothing)).toEqual([]);
  expect(await ask(project, '11.40.3.9-11.40.4.8')).toMatchObject([
    { entries: [{ entry: '11.40.*.8' }], addresses: [{ address: '11.40.4.8' }], network: { accepted: 1n } },
  ]);
  expect((await ask(project, '10.0.0.0/8'))[0]).toMatchObject({
    entries: [{ entry: '10.0.0.7' }, { entry: 'inside.test' }],
    network: { accepted: 0n, refused: { private_ip: 1n } },
  });
});

it('says that the ledger had an address, also when the rules of the scan are no longer kept', async () => {
  const project = randomUUID();
  const id = await scanned(project, ['11.45.0.1', '10.0.0.7']);
  const keys = submissionKeys(id);
  await scene.redis.del(keys.accepted, keys.rules);
  const address = parseAddress('11.45.0.1');
  const set = encode(fromRanges(address === undefined ? [] : [singleAddress(address)]));
  await scene.redis.hset(keys.refused, 'already_in_scanledger', set);
  expect((await ask(project, '11.45.0.1'))[0]?.addresses).toEqual([
    {
      address: '11.45.0.1',
      state: 'refused',
      refusal: {
        reason: 'already_in_scanledger',
        detail: { rule: 'ledger', source: 'ScanLedger', entry: '' },
      },
      task_id: null,
    },
  ]);
});

it('lists fifty entries of one scan, however many cover an address', async () => {
  const project = randomUUID();
  const many = Array.from({ length: 60 }, (_, i) => `11.44.0.1-11.44.0.${i + 2}`);
  await scanned(project, many);
  expect((await ask(project, '11.44.0.1'))[0]?.entries).toHaveLength(50);
});
