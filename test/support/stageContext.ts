import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { WildcardWatch } from '../../src/adapters/names/wildcards.ts';
import { createStores, type Stores } from '../../src/adapters/redis/stores.ts';
import { InstallationRules } from '../../src/adapters/scopeRules/installationRules.ts';
import { RuleBook } from '../../src/adapters/scopeRules/ruleBook.ts';
import { LEDGER_PLACES } from '../../src/jobs/dedup/dedup.ts';
import { BatchReader } from '../../src/jobs/publish/batchReader.ts';
import { Room } from '../../src/jobs/publish/room.ts';
import { ScopeCache } from '../../src/jobs/publish/scopeCache.ts';
import { UNMARKED } from '../../src/jobs/publish/sendBatch.ts';
import type { JobRef, Stage, StageContext } from '../../src/jobs/runner/stage.ts';
import { Turns } from '../../src/jobs/runner/turns.ts';
import type { NewSubmission, StageName } from '../../src/model/submission.ts';
import { Compute } from '../../src/runtime/compute.ts';
import { createLog } from '../../src/runtime/log.ts';
import { Semaphore } from '../../src/runtime/semaphore.ts';
import { connectedBroker } from './broker.ts';
import { ownRedisDb, ownVhost, services } from './services.ts';

/** All but what the submission is now. */
export type SceneContext = Omit<StageContext, 'facts'>;

export interface StageScene {
  context: SceneContext;
  redis: Redis;
  stores: Stores;
  vhost: string;
  /** What the stages injected, in order. */
  injected: { stage: StageName; ref: JobRef }[];
  /** Begins a submission of these entries and gives its id. */
  begin(submission?: Partial<NewSubmission>): Promise<string>;
  close(): Promise<void>;
}

/** As the runner does. */
export async function runStage(stage: Stage, ref: JobRef, context: SceneContext) {
  return stage.run(ref, { ...context, facts: await context.submissions.facts(ref.submission) });
}

/** Everything a stage works with, on real servers; only the queue is missing. */
export async function stageScene(resolver: StageContext['resolver']): Promise<StageScene> {
  const redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  const { vhost, drop } = await ownVhost();
  const broker = await connectedBroker(vhost);
  const compute = new Compute();
  const stores = createStores(redis, compute);
  const injected: StageScene['injected'] = [];
  return {
    redis,
    stores,
    vhost,
    injected,
    context: {
      ...stores,
      targets: new BatchReader(stores.batches),
      resolver,
      compute,
      now: Date.now,
      wildcards: (ipVersion, signal) => new WildcardWatch({ resolver, ipVersion }, signal),
      ledger: undefined,
      broker,
      sending: new Semaphore(UNMARKED),
      askingLedger: new Semaphore(LEDGER_PLACES),
      ...ruleServices(stores, { resolver, compute }),
      maxTargets: 16_777_216,
      perNetwork: undefined,
      turns: new Turns(stores.turnStore, { getJobs: async () => [] }),
      turn: 0,
      room: new Room({ broker, windowStore: stores.windowStore, dispatchWindow: 0 }),
      log: createLog({ level: 'silent', role: 'test' }),
      signal: undefined,
      waitAgain: () => {
        throw new Error('without a window a batch goes out at once');
      },
      inject: async (stage, refs) => void injected.push(...refs.map((ref) => ({ stage, ref }))),
    },
    async begin(submission = {}) {
      const id = randomUUID();
      await stores.submissions.begin(id, { ...ONE_ADDRESS, ...submission }, id);
      return id;
    },
    async close() {
      redis.disconnect();
      await compute.close();
      await broker.close();
      await drop();
    },
  };
}

/** The scope rules of an installation with these settings, and what is made from them. */
export function ruleServices(
  { plans, exclusions, ruleStore }: Pick<Stores, 'plans' | 'exclusions' | 'ruleStore'>,
  { resolver, compute }: Pick<StageContext, 'resolver' | 'compute'>,
  settings: { allowed?: string[]; excluded?: string[]; excludedFile?: string; allowPrivate?: boolean } = {},
): Pick<StageContext, 'rules' | 'ruleStore' | 'scopeCache'> {
  const { allowed, excluded = [], excludedFile, allowPrivate = false } = settings;
  const log = createLog({ level: 'silent', role: 'test' });
  const installation = new InstallationRules(
    {
      allowPrivateTargets: allowPrivate,
      ...(allowed && { allowedHosts: allowed }),
      excludedHosts: excluded,
      ...(excludedFile && { excludedHostsFile: excludedFile }),
      allowSingleLabel: false,
    },
    log,
  );
  const rules = new RuleBook(installation, exclusions);
  return {
    rules,
    ruleStore,
    scopeCache: new ScopeCache({ rules, ruleStore, plans, resolver, compute, now: Date.now }),
  };
}

export const OPTIONS: NewSubmission['options'] = {
  open_ports_opts: { ports: ['80'], transport_protocol: 'tcp', skip_host_discovery: true },
  service_opts: { aggressive_scan: false, default_scripts: false, os_detection: false, traceroute: false },
  timeout: 60,
  include_services: false,
  single_resolve: false,
  mode: 'append',
};

const ONE_ADDRESS: NewSubmission = {
  kind: 'scan',
  project: randomUUID(),
  user: { id: randomUUID(), username: 'ann' },
  options: OPTIONS,
  entries: '9.9.9.9',
  provided: 1,
  duplicatesRemoved: 0,
  names: 0,
};
