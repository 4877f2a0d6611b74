/** Names that lead to very many addresses, asked of a real DNS server: nothing is cut, and nothing grows without end. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { ScopeError } from '../../../src/runtime/errors.ts';
import { AddressTally, MOST_MORE_ADDRESSES } from '../../../src/targets/addressTally.ts';
import { decodeResolved } from '../../../src/targets/resolutionCodec.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const v4 = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `11.1.${i >> 8}.${i & 255} ${name}`);
const v6 = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `2400:1:2::${(i + 1).toString(16)} ${name}`);
const names = (count: number, domain: string) => Array.from({ length: count }, (_, i) => `n${i}.${domain}`);

let dns: DnsServer;
let scene: StageScene;

beforeAll(async () => {
  dns = await startDnsServer({
    zone: [...v4('b.t', 3_000), ...v6('b.t', 2_000), ...v4('*.m', 2_900), '11.2.0.1 a.t', ...v4('ten.t', 10)],
  });
  scene = await stageScene(
    createResolver({
      servers: [`${dns.address}:${dns.port}`],
      hostsFile: '/nowhere/hosts',
      timeoutMs: 60_000,
    }),
  );
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

async function resolved(submission: Partial<NewSubmission>): Promise<string> {
  const id = await scene.begin({ project: randomUUID(), ...submission });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, scene.context);
  for (const { ref } of scene.injected.filter(({ stage }) => stage === 'resolve'))
    await runStage(resolve, ref, scene.context);
  return id;
}

const kept = async (id: string) => scene.redis.hvals(submissionKeys(id).resolved);

it('a name with more than 4,096 addresses is refused with its number, and the others are taken', async () => {
  const id = await resolved({ entries: 'b.t\na.t', options: { ...OPTIONS, ip_version: 'any' } });
  expect((await scene.context.plans.found(id)).resolved.flatMap(decodeResolved)).toMatchObject([
    ['b.t', { failure: 'too_many_addresses=5000' }],
    ['a.t', { addresses: ['11.2.0.1'] }],
  ]);
  await runStage(dedup, { submission: id }, scene.context);
  const { rows } = await scene.context.decisions.planned(id);
  expect(rows).toContainEqual({
    reason: 'unresolvable',
    detail: { rule: 'dns', source: 'DNS', entry: 'too_many_addresses=5000' },
    count: 1,
  });
});

it('nothing is scanned when an excluded name has more, whatever is allowed', async () => {
  const options = { ...OPTIONS, allow_unresolved_exclusions: true };
  const id = await resolved({ entries: 'a.t', exclude: ['b.t'], options });
  await expect(runStage(dedup, { submission: id }, scene.context)).rejects.toThrow(
    /b\.t \(too_many_addresses=5000\)/,
  );
});

it('names that come to too many addresses together end the submission, with the numbers', async () => {
  const chunk = resolved({ entries: names(200, 'm').join('\n') });
  await expect(chunk).rejects.toThrow(ScopeError);
  await expect(chunk).rejects.toThrow(
    /^the names lead to at least 50\d{4} .* limit is 500000\. .*\.m \(2900\)/,
  );
});

it('the addresses of all chunks count, each once, and nothing beyond the limit is kept', async () => {
  const id = await scene.begin({ project: randomUUID(), entries: names(3, 'm').join('\n') });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, scene.context);
  const { plans } = scene.context;
  const chunk = () => runStage(resolve, { submission: id, index: 0 }, scene.context);
  await chunk();
  await chunk();
  expect(await plans.countMoreAddresses(id, 1, 7)).toBe(3 * 2_899 + 7);
  await scene.redis.hdel(submissionKeys(id).resolved, '0');
  await plans.countMoreAddresses(id, 1, MOST_MORE_ADDRESSES);
  await expect(chunk()).rejects.toThrow(/at least 508697 /);
  expect(await kept(id)).toEqual([]);
});

it('addresses of names count against MAX_TARGETS when they are known, and the refusal has all numbers', async () => {
  const id = await resolved({ entries: '12.0.0.0/29\nten.t\na.t' });
  const limited = (maxTargets: number) =>
    runStage(dedup, { submission: id }, { ...scene.context, maxTargets });
  await expect(limited(16)).rejects.toThrow(ScopeError);
  await expect(limited(16)).rejects.toThrow(
    'the hosts come to 17 targets: 6 addresses of networks and ranges, and 11 more of 2 names; ' +
      'the limit is 16 (MAX_TARGETS); most have ten.t (10)',
  );
  expect(await limited(17)).toMatchObject({ accepted: 17 });
});

describe('a tally', () => {
  it('names those that lead to most, five at most', () => {
    const tally = new AddressTally();
    for (const [index, count] of [3, 1, 9, 0, 4, 7, 2, 8, 5].entries()) tally.add(`n${index}`, count);
    expect(tally.greatest).toBe('n2 (9), n7 (8), n5 (7), n8 (5), n4 (4)');
    expect([tally.addresses, tally.more]).toEqual([39, 31]);
  });
});
