/** Names of which DNS tells one family of addresses and fails to tell the other one. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dnsPacket from 'dns-packet';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { createDnsCache } from '../../../src/adapters/names/dnsCache.ts';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { InstallationRules } from '../../../src/adapters/scopeRules/installationRules.ts';
import { RuleBook } from '../../../src/adapters/scopeRules/ruleBook.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { ScopeCache } from '../../../src/jobs/publish/scopeCache.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { decodeResolved } from '../../../src/targets/resolutionCodec.ts';
import { type Behaviour, type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS, ruleServices, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const ZONE = [
  ...['11.0.0.1 dual.test', '2400:1:2::1 dual.test', '11.0.0.2 four.test', '2400:1:2::3 six.test'],
  ...['11.0.0.4 www.corp.test', '2400:1:2::4 www.corp.test'],
  ...['cname:edge.far.test alias.test', '11.0.0.5 edge.far.test', '2400:1:2::5 edge.far.test'],
];
let dns: DnsServer;
let scene: StageScene;
const behaviours: Record<string, Behaviour> = {};

beforeAll(async () => {
  dns = await startDnsServer({ zone: ZONE, behaviours });
  scene = await stageScene(resolverWith());
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

afterEach(() => {
  for (const name of Object.keys(behaviours)) delete behaviours[name];
});

const resolverWith = (more: object = {}) =>
  createResolver({
    ...{ servers: [`${dns.address}:${dns.port}`], hostsFile: '/nowhere/hosts', timeoutMs: 800 },
    ...more,
  });

type Context = Partial<StageScene['context']>;

async function planned(submission: Partial<NewSubmission>, more: Context = {}): Promise<string> {
  const context = { ...scene.context, ...more };
  const id = await scene.begin({ project: randomUUID(), ...submission });
  await runStage(expand, { submission: id }, context);
  for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, context);
  await runStage(dedup, { submission: id }, context);
  return id;
}

async function exclude(project: string, entry: string): Promise<void> {
  const by = { id: 'u1', username: 'ann' };
  const exclusion: Exclusion = { entry, by, at: new Date().toISOString(), why: '', until: null };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]));
}

const accepted = async (id: string) => (await scene.context.submissions.facts(id)).targets;

describe('an excluded name of which one family is not answered', () => {
  const failures: [string, Behaviour, string][] = [
    ['fails', { servfail: 'always' }, 'servfail'],
    ['is refused', { refuse: 'always' }, 'refused'],
    ['is silent', { drop: 'always' }, 'timeout'],
    ['answers with a CNAME that leads back', { forge: loop }, 'cname_loop'],
    ['answers with a message that is broken', { forge: (reply) => [reply.subarray(0, -3)] }, 'other'],
  ];
  for (const [how, behaviour, failure] of failures)
    for (const type of ['A', 'AAAA'])
      it(`stops the plan when ${type} ${how}`, async () => {
        behaviours[`dual.test ${type}`] = behaviour;
        const family = type === 'A' ? '4' : '6';
        await expect(planned({ entries: '11.0.0.0/29', exclude: ['dual.test'] })).rejects.toThrow(
          `dual.test (IPv${family}: ${failure})`,
        );
      });

  it('stops the plan whoever excludes it: the installation, its file, the project, the request', async () => {
    behaviours['dual.test A'] = { servfail: 'always' };
    const { redis, context } = scene;
    const half = /dual\.test \(IPv4: servfail\)/;
    const entries = '11.0.0.0/29';
    await expect(planned({ entries, exclude: ['dual.test'] })).rejects.toThrow(half);
    const project = randomUUID();
    await exclude(project, 'dual.test');
    await expect(planned({ entries, project })).rejects.toThrow(half);
    const settings = { excluded: ['dual.test'] };
    const ofInstallation = ruleServices(scene.stores, context, settings);
    await expect(planned({ entries }, ofInstallation)).rejects.toThrow(half);
    const excludedFile = join(await mkdtemp(join(tmpdir(), 'excluded-')), 'hosts');
    await writeFile(excludedFile, 'dual.test\n');
    const log = createLog({ level: 'silent', role: 'test' });
    const installation = new InstallationRules(
      {
        allowPrivateTargets: false,
        excludedHosts: [],
        excludedHostsFile: excludedFile,
        allowSingleLabel: false,
      },
      log,
    );
    const rules = new RuleBook(installation, new ExclusionStore(redis));
    const scopeCache = new ScopeCache({ ...context, rules });
    await expect(planned({ entries }, { rules, scopeCache: scopeCache })).rejects.toThrow(half);
  });

  it('stops the plan when the name is one of the submission, below an excluded domain or with a CNAME to one', async () => {
    const options = { ...OPTIONS, ip_version: '4' as const };
    for (const [name, at] of [
      ['www.corp.test', 'www.corp.test AAAA'],
      ['alias.test', 'alias.test AAAA'],
    ] as const) {
      behaviours[at] = { servfail: 'always' };
      const submission = {
        entries: `${name}\n2400:1:2::/120`,
        options,
        exclude: ['*.corp.test', '*.far.test'],
      };
      await expect(planned(submission)).rejects.toThrow(`${name} (IPv6: servfail)`);
    }
  });

  it('is no obstacle where the request allows it, and what is known of it is excluded', async () => {
    behaviours['dual.test A'] = { servfail: 'always' };
    const options = { ...OPTIONS, allow_unresolved_exclusions: true };
    const entries = '11.0.0.0/30\n2400:1:2::/126';
    const id = await planned({ entries, options, exclude: ['dual.test'] });
    expect(await accepted(id)).toBe(2 + 3);
  });

  it('stays an obstacle when anybody but the request excludes it, whatever the request allows', async () => {
    behaviours['dual.test A'] = { servfail: 'always' };
    const submission = {
      entries: '11.0.0.0/30',
      options: { ...OPTIONS, allow_unresolved_exclusions: true },
      exclude: ['dual.test', 'gone.test'],
    };
    const { context } = scene;
    const project = randomUUID();
    await exclude(project, '*.test');
    await expect(planned({ ...submission, project })).rejects.toThrow(
      /dual\.test \(IPv4: servfail\) \[project\]/,
    );
    const ofInstallation = ruleServices(scene.stores, context, { excluded: ['dual.test'] });
    await expect(planned(submission, ofInstallation)).rejects.toThrow(
      /dual\.test \(IPv4: servfail\) \[installation\].*\(allow_unresolved_exclusions is for what the request itself/,
    );
    expect(await accepted(await planned(submission))).toBe(2);
  });

  it('is whole when the other family says that there is no address', async () => {
    const id = await planned({ entries: '11.0.0.0/29\n2400:1:2::/125', exclude: ['four.test', 'six.test'] });
    expect(await accepted(id)).toBe(5 + 7);
  });

  it('stops a batch when the exclusion came after the plan, until both families are answered', async () => {
    const project = randomUUID();
    const id = await planned({ entries: '11.0.0.0/30', project });
    await exclude(project, 'dual.test');
    behaviours['dual.test A'] = { servfail: 'always' };
    await expect(runStage(publish, { submission: id, index: 0 }, scene.context)).rejects.toThrow(
      /IPv4: servfail/,
    );
    expect(await takeTasks(scene.vhost)).toEqual([]);
    delete behaviours['dual.test A'];
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    expect((await takeTasks(scene.vhost)).map(({ task }) => task.ip)).toEqual(['11.0.0.2']);
  });

  it('goes on counting as the plan knew it when it fails while the tasks are sent', async () => {
    const id = await planned({ entries: '11.0.0.0/30', exclude: ['dual.test'] });
    behaviours['dual.test A'] = { servfail: 'always' };
    await runStage(publish, { submission: id, index: 0 }, scene.context);
    expect((await takeTasks(scene.vhost)).map(({ task }) => task.ip)).toEqual(['11.0.0.2']);
  });
});

/** A CNAME that leads back to the name: no server can answer better, and the family is not answered all the same. */
function loop(reply: Buffer): Buffer[] {
  const answers = [{ type: 'CNAME' as const, name: 'dual.test', ttl: 60, data: 'dual.test' }];
  return [dnsPacket.encode({ ...dnsPacket.decode(reply), answers })];
}

describe('half an answer', () => {
  it('is not kept in the cache, where it would pass for a whole one', async () => {
    const cache = createDnsCache(scene.redis, { servers: ['half'] });
    const resolver = resolverWith({ cache });
    const ask = async (more: string[] = []) =>
      (await resolver.resolve(['dual.test', ...more], { ipVersion: 'any' })).get('dual.test');
    for (const [behaviour, failure, other] of [
      [{ servfail: 'always' }, 'servfail', 'four.test'],
      [{ forge: loop }, 'cname_loop', 'six.test'],
    ] as [Behaviour, string, string][]) {
      behaviours['dual.test AAAA'] = behaviour;
      expect(await ask([other])).toMatchObject({
        addresses: ['11.0.0.1'],
        unanswered: { family: '6', failure },
      });
      await eventually('the other one is kept', async () => (await cache.read([`any ${other}`])).size === 1);
      expect((await cache.read(['any dual.test'])).size).toBe(0);
    }
    delete behaviours['dual.test AAAA'];
    const whole = await ask();
    expect(whole).toMatchObject({ addresses: ['11.0.0.1', '2400:1:2::1'] });
    expect(whole).not.toHaveProperty('unanswered');
    resolver.close();
  });

  it('is completed by the hosts file, and only for the family that the file has', async () => {
    const hostsFile = join(await mkdtemp(join(tmpdir(), 'hosts-')), 'hosts');
    await writeFile(hostsFile, '11.9.0.1 dual.test alias.test\n');
    const resolver = resolverWith({ hostsFile });
    const ask = async (name: string) => (await resolver.resolve([name], { ipVersion: 'any' })).get(name);
    behaviours['dual.test AAAA'] = { servfail: 'always' };
    expect(await ask('dual.test')).toMatchObject({
      addresses: ['11.0.0.1'],
      unanswered: { family: '6', failure: 'servfail' },
    });
    delete behaviours['dual.test AAAA'];
    behaviours['dual.test A'] = { servfail: 'always' };
    const completed = await ask('dual.test');
    expect(completed).toMatchObject({ addresses: ['11.9.0.1', '2400:1:2::1'] });
    expect(completed).not.toHaveProperty('unanswered');
    behaviours['alias.test'] = { servfail: 'always' };
    expect(await ask('alias.test')).toMatchObject({
      addresses: ['11.9.0.1'],
      unanswered: { family: '6', failure: 'servfail' },
    });
    resolver.close();
  });

  it('of a name to scan is said in the warnings, with the family and what went wrong', async () => {
    behaviours['dual.test AAAA'] = { servfail: 'always' };
    const options = { ...OPTIONS, ip_version: 'any' as const };
    const id = await planned({ kind: 'plan', entries: 'dual.test\nfour.test', names: 2, options });
    expect(await scene.context.plans.warnings(id)).toEqual([
      {
        code: 'unanswered',
        message: 'DNS does not tell the IPv6 addresses (servfail), so addresses may be missing: dual.test',
      },
    ]);
    expect(
      new Map((await scene.context.plans.found(id)).resolved.flatMap(decodeResolved)).get('dual.test'),
    ).toMatchObject({
      unanswered: { family: '6', failure: 'servfail' },
    });
  });
});
