/** expand, resolve and dedup, called without a queue. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { createScanledger } from '../../../src/adapters/scanledger/scanledger.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import { split } from '../../../src/jobs/split.ts';
import type { ResolvedName } from '../../../src/model/submission.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { addressesOf } from '../../../src/targets/sets/addressSet.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { OPTIONS, ruleServices, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';
import { type StandInLedger, startStandInLedger } from '../../support/standInLedger.ts';

const PROJECT = randomUUID();
const NO_SUCH_NAME: ResolvedName[1] = { failure: 'nxdomain', chain: [] };
const ZONE = [
  '11.0.0.9 many.test',
  '10.0.0.1 many.test',
  '11.0.0.3 many.test',
  '192.168.0.1 private.test',
  '192.168.0.2 private.test',
  '11.0.0.3 alias.test',
];
let dns: DnsServer;
let resolver: NameResolver;
let ledger: StandInLedger;
let scene: StageScene;

beforeAll(async () => {
  dns = await startDnsServer({ zone: ZONE });
  resolver = createResolver({ servers: [`${dns.address}:${dns.port}`] });
  ledger = await startStandInLedger({ users: { token: { admin: true } } });
  scene = await stageScene(resolver);
});

afterAll(async () => {
  await scene?.close();
  resolver?.close();
  await ledger?.stop();
  await dns?.stop();
});

beforeEach(() => {
  scene.injected.length = 0;
});

/** Rules with an allowlist alone. */
function allowing(...allowed: string[]) {
  return ruleServices(scene.stores, { ...scene.context, resolver }, { allowed });
}

/** Runs the stages in their order and gives the outcome. */
async function plan(
  entries: string[],
  options: Partial<typeof OPTIONS> = {},
  more: Partial<StageScene['context']> = {},
) {
  const context = { ...scene.context, ...more };
  const id = await scene.begin({
    project: PROJECT,
    entries: entries.join('\n'),
    options: { ...OPTIONS, ...options },
  });
  await runStage(expand, { submission: id }, context);
  for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, context);
  await runStage(dedup, { submission: id }, context);
  const { view } = scene.stores;
  const [outcome, progress] = [await view.outcome(id), await view.progress(id)];
  if (!outcome || !progress) throw new Error('nothing was kept');
  const accepted = Array.from(addressesOf(outcome.accepted), formatAddress);
  await scene.context.submissions.finish(id, PROJECT);
  return { id, accepted, summary: progress.summary, outcome };
}

describe('expand and resolve', () => {
  it('put 500 names into a chunk, each name once', async () => {
    const names = Array.from({ length: 1_001 }, (_, index) => `n${index}.test`);
    const id = await scene.begin({ entries: [...names, 'N0.test'].join('\n') });
    expect(await runStage(expand, { submission: id }, scene.context)).toEqual({ names: 1_001, chunks: 3 });
    expect(scene.injected).toEqual(
      [0, 1, 2].map((index) => ({ stage: 'resolve', ref: { submission: id, index } })),
    );
    const kept = await Promise.all([0, 1, 2].map((chunk) => scene.context.plans.names(id, chunk)));
    expect(kept.map(({ length }) => length)).toEqual([500, 500, 1]);
    expect(kept.flat()).toEqual(names);
  });

  it('have so few chunks for a long list that all of them may run at once', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `n${index}.test`);
    const id = await scene.begin({ entries: names.join('\n') });
    expect(await runStage(expand, { submission: id }, scene.context)).toEqual({ names: 20_000, chunks: 16 });
    expect(resolve.share).toBe(16);
  });

  it('take every notation, from wherever it stood, and networks whole if that was asked for', async () => {
    const entries = ['11.2.0.0/30', '11.2.0.8-11\t0:2:3', '11.2.0.16,18\t', 'many.test\t4:1:1'];
    expect((await plan(entries)).accepted).toEqual(
      [1, 2, 8, 9, 10, 11, 16, 18].map((octet) => `11.2.0.${octet}`).toSpliced(0, 0, '11.0.0.3', '11.0.0.9'),
    );
    const whole = await plan(['11.2.0.0/30'], { include_network_and_broadcast: true });
    expect(whole.accepted).toEqual(['11.2.0.0', '11.2.0.1', '11.2.0.2', '11.2.0.3']);
    expect(whole.outcome.networkAndBroadcast).toBe(true);
  });

  it('read a long list whole, also where a piece ends inside a character', async () => {
    const names = Array.from({ length: 60_000 }, (_, i) => `ü${i}${'ö'.repeat((i * 7) % 13)}.test`);
    const id = await scene.begin({ entries: new TextEncoder().encode(names.join('\n')) });
    expect(await runStage(expand, { submission: id }, scene.context)).toMatchObject({
      names: 60_000,
      chunks: 30,
    });
    const read: string[] = [];
    for await (const lines of scene.context.plans.entries(id)) read.push(lines);
    expect(read.length).toBeGreaterThan(20);
    expect(read.join('\n')).toBe(names.join('\n'));
  });

  it('keep what intake skipped with the submission, and count it', async () => {
    const listed = [{ type: 'value_error', loc: ['body', 'hosts', 1], msg: 'it is empty', input: '' }];
    const id = await scene.begin({ entries: '11.2.0.1', invalid: { listed, total: 3 } });
    await runStage(expand, { submission: id }, scene.context);
    await runStage(dedup, { submission: id }, scene.context);
    const { view } = scene.stores;
    expect((await view.outcome(id))?.invalid).toEqual({ listed, total: 3 });
    expect((await view.progress(id))?.summary.refused.other).toBe(3);
    expect(await scene.redis.ttl(submissionKeys(id).invalid)).toBe(-1);
    await scene.context.submissions.finish(id, PROJECT);
    expect(await scene.redis.ttl(submissionKeys(id).invalid)).toBeGreaterThan(0);
  });

  it('take every address of a name, refused ones included', async () => {
    const { accepted, summary, outcome } = await plan(['many.test', 'alias.test', 'nowhere.test']);
    expect(accepted).toEqual(['11.0.0.3', '11.0.0.9']);
    expect(summary).toMatchObject({ resolved_ips: 3, hostnames_collapsed_to_ip: 4, sent_to_scan: 2 });
    expect(summary.refused).toMatchObject({ private_ip: 1, unresolvable: 1 });
    expect(outcome.hostnames.get('11.0.0.3')).toBe('["alias.test","many.test"]');
    expect(outcome.unresolvable).toEqual(['nowhere.test']);
  });

  it('keep the names without an address in their order, however many', async () => {
    const names = Array.from({ length: 60_000 }, (_, index) => `${'z'.repeat(20)}${60_000 - index}.test`);
    const id = await scene.begin({ entries: names.join('\n') });
    const { plans } = scene.context;
    const { chunks } = (await runStage(expand, { submission: id }, scene.context)) as { chunks: number };
    for (let chunk = 0; chunk < chunks; chunk++) {
      const dead = (await plans.names(id, chunk)).map((name): ResolvedName => [name, NO_SUCH_NAME]);
      await plans.saveResolved(id, chunk, dead);
    }
    await runStage(dedup, { submission: id }, scene.context);
    expect((await scene.stores.view.outcome(id))?.unresolvable).toEqual(names);
    expect(await scene.stores.targetStore.unresolvable(id)).toEqual(names);
  });

  it('with single_resolve take the lowest allowed address, or the lowest when none is', async () => {
    const single = { single_resolve: true };
    expect((await plan(['many.test'], single)).accepted).toEqual(['11.0.0.3']);
    const narrow = allowing('11.0.0.8/29');
    expect((await plan(['many.test'], single, narrow)).accepted).toEqual(['11.0.0.9']);
    const refused = await plan(['private.test'], single);
    expect(refused.summary).toMatchObject({ resolved_ips: 1, hostnames_collapsed_to_ip: 1, sent_to_scan: 0 });
  });
});

describe('dedup', () => {
  it('refuses what is private, and what the allowlist leaves out', async () => {
    const narrow = allowing('11.0.0.0/30', '10.0.0.0/8');
    const { accepted, summary } = await plan(['11.0.0.0/29', '10.1.1.1', '11.0.0.0'], {}, narrow);
    expect(accepted).toEqual(['11.0.0.0', '11.0.0.1', '11.0.0.2', '11.0.0.3']);
    expect(summary.refused).toMatchObject({ forbidden: 3, private_ip: 1 });
  });

  it('leaves out what the ledger knows in insert mode only, and merges new names there', async () => {
    ledger.projects.set(
      PROJECT,
      new Map([
        ['11.0.0.3', ['MANY.test']],
        ['11.0.0.200', []],
        ['10.0.0.1', []],
      ]),
    );
    const services = {
      ledger: createScanledger({ baseUrl: ledger.baseUrl, token: 'token', tlsVerify: true }),
    };
    const entries = ['many.test', 'alias.test', '11.0.0.200'];
    const known = await plan(entries, { mode: 'insert' }, services);
    expect(known.accepted).toEqual(['11.0.0.9']);
    expect(known.summary.refused).toMatchObject({ already_in_scanledger: 2, private_ip: 1 });
    const posts = ledger.requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ body }) => body)).toEqual([
      [{ ip: '11.0.0.3', hostnames: ['alias.test'], ports: [] }],
    ]);
    expect((await plan(entries, { mode: 'replace' }, services)).accepted).toEqual([
      '11.0.0.3',
      '11.0.0.9',
      '11.0.0.200',
    ]);
    await services.ledger.close();
  });

  it('of a plan and of its run count the same, also what was queued when the plan was made', async () => {
    const project = randomUUID();
    const busy = await scene.begin({ project, entries: '11.1.0.0/30' });
    await runStage(expand, { submission: busy }, scene.context);
    await runStage(dedup, { submission: busy }, scene.context);
    const plan = await scene.begin({ kind: 'plan', project, entries: '11.1.0.0/29' });
    await runStage(expand, { submission: plan }, scene.context);
    await runStage(dedup, { submission: plan }, scene.context);
    await runStage(split, { submission: plan }, scene.context);
    await scene.context.submissions.finish(busy, project);

    const run = randomUUID();
    const user = { id: randomUUID(), username: 'ann' };
    await scene.context.submissions.beginPlanned(run, { plan, project, user });
    await runStage(dedup, { submission: run }, scene.context);
    const { view } = scene.stores;
    const summary = (await view.progress(run))?.summary;
    expect(summary).toMatchObject({ resolved_ips: 6, sent_to_scan: 4, refused: { already_in_queue: 2 } });
    expect(summary).toEqual((await view.progress(plan))?.summary);
  });

  it('of a plan changes nothing in the ledger; its run merges the names', async () => {
    const project = randomUUID();
    ledger.projects.set(project, new Map([['11.0.0.3', []]]));
    const services = {
      ledger: createScanledger({ baseUrl: ledger.baseUrl, token: 'token', tlsVerify: true }),
    };
    const context = { ...scene.context, ...services };
    const before = ledger.requests.filter(({ method }) => method === 'POST').length;
    const posts = () =>
      ledger.requests
        .filter(({ method }) => method === 'POST')
        .slice(before)
        .map(({ body }) => body);
    const entries = ['alias.test', '11.0.0.9'].join('\n');
    const options = { ...OPTIONS, mode: 'insert' as const };
    const plan = await scene.begin({ kind: 'plan', project, entries, options });
    await runStage(expand, { submission: plan }, context);
    for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, context);
    await runStage(dedup, { submission: plan }, context);
    await runStage(split, { submission: plan }, context);
    expect(posts()).toEqual([]);

    const run = randomUUID();
    const user = { id: randomUUID(), username: 'ann' };
    await scene.context.submissions.beginPlanned(run, { plan, project, user });
    expect(await runStage(dedup, { submission: run }, context)).toMatchObject({ accepted: 1 });
    expect(posts()).toEqual([[{ ip: '11.0.0.3', hostnames: ['alias.test'], ports: [] }]]);
    await services.ledger.close();
  });

  it('leaves out what others hold: in insert mode with any ports, else with the same set of ports', async () => {
    const other = await scene.begin({ project: PROJECT, entries: '11.1.0.0/30' });
    await runStage(expand, { submission: other }, scene.context);
    await runStage(dedup, { submission: other }, scene.context);
    const ports = (list: string[]) => ({ open_ports_opts: { ...OPTIONS.open_ports_opts, ports: list } });
    expect((await plan(['11.1.0.0/29'], ports(['80-80']))).summary.refused.already_in_queue).toBe(2);
    expect((await plan(['11.1.0.0/29'], ports(['443']))).summary.refused.already_in_queue).toBe(0);
    const insert = await plan(['11.1.0.0/29'], { ...ports(['443']), mode: 'insert' });
    expect(insert.summary.refused.already_in_queue).toBe(2);
    expect(insert.accepted).toEqual(['11.1.0.3', '11.1.0.4', '11.1.0.5', '11.1.0.6']);
    await scene.context.submissions.finish(other, PROJECT);
    expect((await plan(['11.1.0.0/29'])).summary.refused.already_in_queue).toBe(0);
  });

  it('notices a chunk of names that was never resolved', async () => {
    const id = await scene.begin({ entries: 'many.test' });
    await runStage(expand, { submission: id }, scene.context);
    await expect(runStage(dedup, { submission: id }, scene.context)).rejects.toThrow(/1 chunks of names/);
  });
});
