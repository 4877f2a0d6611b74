/** The rules of installation and project are kept once for each content, however many submissions refer to them. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { rulesKey, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { InstallationRules } from '../../../src/adapters/scopeRules/installationRules.ts';
import { RuleBook } from '../../../src/adapters/scopeRules/ruleBook.ts';
import { RuleStore } from '../../../src/adapters/scopeRules/ruleStore.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { rulesNow } from '../../../src/jobs/dedup/rulesNow.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { ScopeCache } from '../../../src/jobs/publish/scopeCache.ts';
import { split } from '../../../src/jobs/split.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { scopeData } from '../../../src/targets/scope/compileScope.ts';
import { Scope } from '../../../src/targets/scope/scope.ts';
import { NO_NAMES } from '../../support/compileScope.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { runStage, type SceneContext, type StageScene, stageScene } from '../../support/stageContext.ts';

const LINES = 5_000;
/** Longer than anything is kept of a submission after its end. */
const RETENTION_S = 24 * 3600;

let directory: string;
let scene: StageScene;
let context: SceneContext;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-rules-'));
  scene = await stageScene(createResolver());
});

/** Another process would begin the same way. */
beforeEach(() => {
  const excludedFile = join(directory, randomUUID());
  const lines = Array.from({ length: LINES }, (_, index) => `11.${(index >> 8) & 255}.${index & 255}.7`);
  writeFileSync(excludedFile, lines.join('\n'));
  const { plans, resolver, log } = scene.context;
  const settings = {
    allowPrivateTargets: false,
    excludedHosts: ['12.0.0.1'],
    excludedHostsFile: excludedFile,
    allowSingleLabel: false,
  };
  const { compute } = scene.context;
  const rules = new RuleBook(new InstallationRules(settings, log), scene.stores.exclusions);
  const ruleStore = new RuleStore(scene.redis, compute);
  const scopeCache = new ScopeCache({ rules, ruleStore, plans, resolver, compute, now: Date.now });
  context = { ...scene.context, rules, ruleStore, scopeCache: scopeCache };
});

afterEach(() => scene.redis.flushdb());

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function planned(project: string, entries: string): Promise<string> {
  const id = await scene.begin({ project, entries });
  await runStage(expand, { submission: id }, context);
  await runStage(dedup, { submission: id }, context);
  return id;
}

async function exclude(project: string, entry: string): Promise<void> {
  const by = { id: randomUUID(), username: 'ann' };
  const exclusion = { entry, by, at: new Date().toISOString(), why: '', until: null };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]));
}

const sharedKeys = async () => (await scene.redis.keys(rulesKey('*'))).sort();

/** Why an address was refused for a submission, as another process would find it out. */
async function judged(id: string, typed: string) {
  const { shared, request } = await context.plans.rules(id);
  const rules = await new RuleStore(scene.redis, scene.context.compute).compiledOf(shared, request);
  const detail =
    rules && new Scope(rules, scopeData(rules, NO_NAMES)).judge(parseAddress(typed) ?? Number.NaN)?.detail;
  return detail && `${detail.source} ${detail.entry}`;
}

it('many submissions of many projects keep a long list once, and little each', async () => {
  const ids = await Promise.all(
    ['8.8.8.8', '8.8.8.9', '8.8.8.10'].map((each) => planned(randomUUID(), each)),
  );
  expect(await sharedKeys()).toHaveLength(1);
  for (const id of ids) {
    expect(await scene.redis.strlen(submissionKeys(id).rules)).toBeLessThan(300);
    expect(await judged(id, '11.0.9.7')).toBe('installation 11.0.9.7');
    expect(await judged(id, '12.0.0.1')).toBe('installation 12.0.0.1');
    expect(await judged(id, '8.8.8.8')).toBeUndefined();
  }
});

it('each submission is judged by what held when it was planned, the first rule that covers it named', async () => {
  const project = randomUUID();
  const before = await planned(project, '8.8.8.8');
  await exclude(project, '11.0.9.0/24');
  await exclude(project, '13.0.0.1');
  const after = await planned(project, '8.8.4.4');
  expect(await sharedKeys()).toHaveLength(2);
  expect(await judged(before, '13.0.0.1')).toBeUndefined();
  expect(await judged(after, '13.0.0.1')).toBe('project 13.0.0.1');
  expect(await judged(after, '11.0.9.7')).toBe('installation 11.0.9.7');
  expect(await judged(after, '11.0.9.8')).toBe('project 11.0.9.0/24');
});

it('shared rules outlive everything that is kept of a submission, and have an end', async () => {
  const id = await planned(randomUUID(), '8.8.8.8');
  const [key = ''] = await sharedKeys();
  expect(await scene.redis.ttl(key)).toBeGreaterThan(2 * RETENTION_S);
  await scene.redis.expire(key, 60);
  await planned(randomUUID(), '8.8.8.9');
  expect(await scene.redis.ttl(key)).toBeGreaterThan(2 * RETENTION_S);
  await scene.redis.expire(key, 60);
  await runStage(split, { submission: id }, context);
  await runStage(publish, { submission: id, index: 0 }, context);
  await takeTasks(scene.vhost);
  expect(await scene.redis.ttl(key)).toBeGreaterThan(2 * RETENTION_S);
  await runStage(root, { submission: id }, context);
  expect(await scene.redis.ttl(submissionKeys(id).rules)).toBeLessThanOrEqual(RETENTION_S);
});

it('shared rules are written again when Redis has lost them', async () => {
  await planned(randomUUID(), '8.8.8.8');
  const keys = await sharedKeys();
  await scene.redis.del(...keys);
  await planned(randomUUID(), '8.8.8.9');
  expect(await sharedKeys()).toEqual(keys);
});

it('a submission that was planned by a version that kept its rules elsewhere is sent all the same', async () => {
  const id = await planned(randomUUID(), '8.8.8.8');
  const before = { rules: { allowPrivate: false, exclusions: [] }, excluded: [] };
  await scene.redis.set(submissionKeys(id).rules, JSON.stringify(before));
  expect(await judged(id, '11.0.9.7')).toBeUndefined();
  await runStage(split, { submission: id }, context);
  expect(await runStage(publish, { submission: id, index: 0 }, context)).toEqual({ tasks: 1 });
  await takeTasks(scene.vhost);
});

it('what holds is put together once and used by all', async () => {
  const [one, two] = await Promise.all([
    rulesNow({ id: randomUUID(), project: randomUUID() }, context),
    rulesNow({ id: randomUUID(), project: randomUUID() }, context),
  ]);
  expect(one.compiled).toBe(two.compiled);
  expect(one.shared.installation).toBe(two.shared.installation);
});
