import type { Redis } from 'ioredis';
import { AuditFile } from './adapters/audit/auditFile.ts';
import { lostTo } from './adapters/audit/entry.ts';
import { createAuth } from './adapters/auth/auth.ts';
import { createResolver } from './adapters/dns/resolver.ts';
import { JobMetrics } from './adapters/metrics/jobMetrics.ts';
import { createDnsCache } from './adapters/names/dnsCache.ts';
import { WildcardWatch } from './adapters/names/wildcards.ts';
import { createProjectDirectory } from './adapters/projects/directory.ts';
import { type Broker, createBroker } from './adapters/rabbitmq/broker.ts';
import { checkWrites, memoryWarnings } from './adapters/redis/health.ts';
import { connectRedis, untilReady } from './adapters/redis/redis.ts';
import { SharedClock } from './adapters/redis/sharedClock.ts';
import { createStores } from './adapters/redis/stores.ts';
import { createScanledger } from './adapters/scanledger/scanledger.ts';
import { InstallationRules } from './adapters/scopeRules/installationRules.ts';
import { RuleBook } from './adapters/scopeRules/ruleBook.ts';
import type { OpenTracing } from './adapters/tracing/openTracing.ts';
import { createWebhookHttp } from './adapters/webhooks/http.ts';
import { createServer } from './api/server.ts';
import { tellFindings } from './checks/startUp.ts';
import type { Config } from './config/config.ts';
import { createFlows } from './flows/flows.ts';
import { buryDead } from './flows/heal/buryDead.ts';
import { followScans } from './flows/heal/followScans.ts';
import { healLost } from './flows/heal/healLost.ts';
import { closeQueues, openProducer, openQueues } from './flows/queues.ts';
import { renumber } from './flows/renumber.ts';
import { resumeFlows } from './flows/resumeFlows.ts';
import { finishCancels } from './flows/stop/cancel.ts';
import { recallTasks } from './flows/stop/recallTasks.ts';
import { finishStops, stop } from './flows/stop/stop.ts';
import { SubmissionEvents } from './flows/submissionEvents.ts';
import { keepOut } from './flows/takeBack/keepOut.ts';
import { finishPauses } from './flows/takeBack/pause.ts';
import { sendAgain } from './flows/takeBack/sendAgain.ts';
import { wakeLimited } from './flows/takeBack/wake.ts';
import { FLOW } from './flows/tree.ts';
import { runHousekeeping } from './jobs/chores/housekeeping.ts';
import { measureTasks } from './jobs/chores/measureTasks.ts';
import { notePongs } from './jobs/chores/pingWorkers.ts';
import { LEDGER_PLACES } from './jobs/dedup/dedup.ts';
import { BatchReader } from './jobs/publish/batchReader.ts';
import { Room } from './jobs/publish/room.ts';
import { ScopeCache } from './jobs/publish/scopeCache.ts';
import { UNMARKED } from './jobs/publish/sendBatch.ts';
import { runJobs } from './jobs/runner/runJobs.ts';
import type { StageServices } from './jobs/runner/stage.ts';
import { Turns } from './jobs/runner/turns.ts';
import { runWebhooks } from './jobs/webhooks/runWebhooks.ts';
import { startJobsProcess } from './jobsProcess.ts';
import { createQueries } from './queries/queries.ts';
import { Closers } from './runtime/closers.ts';
import { Compute } from './runtime/compute.ts';
import { ServiceUnavailableError } from './runtime/errors.ts';
import type { Logger } from './runtime/log.ts';
import { Semaphore } from './runtime/semaphore.ts';

/** How long the API waits for its first connection to Redis before it takes requests anyway. */
const START_WAIT_MS = 3_000;

export interface App {
  /** Opens everything its role needs. Resolves with the API's URL, or undefined when the role has none. */
  start(): Promise<string | undefined>;
  /** Ends everything that was opened, in reverse; also after a start that failed half-way. */
  stop(): Promise<void>;
}

interface HowToStart {
  /** In role `all` it is started once more with `env` and role `jobs`; it reads its configuration itself. */
  entry: URL;
  env: NodeJS.ProcessEnv;
  /** This is that one: the stores are looked at already. */
  partOfAll?: boolean;
  tracing?: OpenTracing | undefined;
}

export function createApp(
  config: Config,
  log: Logger,
  { entry, env, partOfAll = false, tracing }: HowToStart,
): App {
  const closers = new Closers(log);
  return {
    async start() {
      if (tracing) closers.push('traces', () => tracing.close());
      const broker = closeLater(closers, 'rabbitmq', createBroker({ config: config.rabbitmq, log, tracing }));
      if (config.role === 'all') {
        const jobs = startJobsProcess(entry, env, log);
        closers.push('jobs process', () => jobs.stop());
      }
      const common = { broker, log, closers, tracing };
      const url = await (config.role === 'jobs' ? startJobs : startApi)(config, common);
      if (!partOfAll) closeLater(closers, 'checks', tellFindings(config, log));
      return url;
    },
    stop: () => closers.close(),
  };
}

/** What both roles begin with. */
interface Common {
  broker: Broker;
  log: Logger;
  closers: Closers;
  tracing: OpenTracing | undefined;
}

/** What both roles open. */
function openShared(config: Config, redis: Redis, { closers, tracing }: Common) {
  const compute = closeLater(closers, 'threads', new Compute());
  const queues = openQueues(redis, tracing?.telemetry);
  closers.push('queues', () => closeQueues(queues));
  const ledger = config.ledger && closeLater(closers, 'ledger', createScanledger(config.ledger));
  return { redis, compute, queues, ledger, stores: createStores(redis, compute, config) };
}

async function startApi(config: Config, common: Common): Promise<string> {
  const { broker, log, closers, tracing } = common;
  const redis = connectRedis(config.redis, 'request', log);
  closers.push('redis', () => redis.disconnect());
  // Who calls in the first moment should not be told that Redis is away. When it is, we start all the same.
  await untilReady(redis, START_WAIT_MS).catch(() => {});
  const events = openEvents(config, log, closers);
  const { compute, queues, ledger, stores } = openShared(config, redis, common);
  // Without a cache: the clock of this process must not say how long others may believe an answer.
  const { dnsServers: servers, dnsRate: rate, dnsTimeoutMs: timeoutMs } = config;
  const resolver = closeLater(closers, 'resolver', createResolver({ servers, rate, timeoutMs }));
  const ruleServices = openRules(config, { ...stores, resolver, compute, now: Date.now }, log);
  const flowServices = { redis, stores, queues, events, broker, ...ruleServices, log };
  const { telemetry } = tracing ?? {};
  const flows = closeLater(closers, 'flows', createFlows({ ...flowServices, telemetry }));
  const auth = closeLater(closers, 'auth', await createAuth(config.auth, { redis, log, showToken }));
  const installationRules = new InstallationRules(config, log);
  const auditFile =
    config.auditFile === undefined ? undefined : new AuditFile(config.auditFile, log, lostTo(log));
  closers.push('audit file', () => auditFile?.close());
  const server = createServer({
    config,
    log,
    flows,
    queries: createQueries({ redis, stores, broker, queues, compute }),
    compute,
    auth,
    installationRules,
    tracing,
    auditFile,
    checks: {
      redis: { needed: true, check: () => checkWrites(redis), warnings: () => memoryWarnings(redis) },
      rabbitmq: { needed: false, check: () => checkBroker(broker) },
      ledger: ledger && { needed: false, check: () => ledger.check() },
      'auth store': { needed: true, check: () => auth.check() },
      'audit file': auditFile && { needed: false, check: () => auditFile.check() },
      'exclusions file': { needed: true, check: async () => void installationRules.now() },
    },
  });
  const { url } = await closeLater(closers, 'server', server).listen();
  return url;
}

async function checkBroker({ connected, blocked }: Broker): Promise<void> {
  if (connected && blocked === undefined) return;
  const reason = connected
    ? `RabbitMQ blocks publishers (${blocked}); tasks wait until it takes them`
    : 'RabbitMQ does not answer; tasks wait until it does';
  throw new ServiceUnavailableError('rabbitmq', reason);
}

async function startJobs(config: Config, common: Common): Promise<undefined> {
  const { broker, log, closers, tracing } = common;
  const redis = connectRedis(config.redis, 'worker', log);
  closers.push('redis', () => redis.disconnect());
  const { compute, queues, ledger, stores } = openShared(config, redis, common);
  const producer = closeLater(closers, 'producer', openProducer(redis, tracing?.telemetry));
  const { now } = closeLater(closers, 'clock', await SharedClock.open(redis));
  const { dnsServers: servers, dnsRate: rate, dnsTimeoutMs: timeoutMs } = config;
  const cache = createDnsCache(redis, { servers });
  const metrics =
    config.metrics === 'off' ? undefined : closeLater(closers, 'metrics', new JobMetrics(stores.metrics));
  const options = { servers, rate, timeoutMs, cache, now, onQuery: metrics?.queryEnded };
  const resolver = closeLater(closers, 'resolver', createResolver(options));
  const wildcards: StageServices['wildcards'] = (ipVersion, signal) =>
    new WildcardWatch({ resolver, cache, ipVersion }, signal);

  const { rules, scopeCache } = openRules(config, { ...stores, resolver, compute, now }, log);
  const services = {
    ...stores,
    targets: new BatchReader(stores.batches),
    resolver,
    compute,
    now,
    wildcards,
    ledger,
    broker,
    sending: new Semaphore(UNMARKED),
    askingLedger: new Semaphore(LEDGER_PLACES),
    rules,
    scopeCache,
    maxTargets: config.maxTargets,
    perNetwork: config.perNetwork,
    turns: new Turns(stores.turnStore, queues.publish),
    room: new Room({ broker, windowStore: stores.windowStore, dispatchWindow: config.dispatchWindow }),
  };
  const jobs = closeLater(
    closers,
    'jobs',
    runJobs({ stages: FLOW, queues, redis, services, log, metrics, tracing }),
  );
  openEvents(config, log, closers).onStopped((id) => jobs.cancel(id));
  notePongs(broker, stores.workers, log);
  const flowServices = { ...stores, redis, broker, producer, queues, log };
  const measuring = measureTasks({
    ...{ ...stores, broker, log },
    wakeLimited: () => wakeLimited({ ...flowServices, turns: services.turns }),
    renumber: (id) => renumber(id, { ...flowServices, turns: services.turns }),
  });
  closeLater(closers, 'measuring', measuring);
  const http = closeLater(closers, 'webhook calls', createWebhookHttp(config.webhookAllowPrivate));
  const webhooks = closeLater(closers, 'webhooks', runWebhooks(redis, { ...stores, http, now, log }));
  const directory = createProjectDirectory(config.auth, log);
  if (directory) closers.push('project directory', () => directory.close());
  const told = new Set<string>();
  const housekeeping = await runHousekeeping(redis, {
    ...stores,
    broker,
    directory,
    stopProject: (project) => stop(project, flowServices),
    finishStops: () => finishStops(flowServices),
    finishPauses: async () => {
      await finishPauses(flowServices);
      await finishCancels(flowServices);
    },
    keepOut: () =>
      keepOut({ ...flowServices, ...services, installationHash: () => rules.installationHash() }),
    healLost: () => healLost({ ...flowServices, turns: services.turns }),
    buryDead: () => buryDead(flowServices),
    followScans: () => followScans(flowServices),
    sendAgain: () => sendAgain({ ...flowServices, turns: services.turns }),
    callWebhooks: () => webhooks.callDue(),
    recallTasks: () => recallTasks(flowServices),
    resumeFlows: () => resumeFlows(flowServices, told, now()),
    log,
  });
  closeLater(closers, 'housekeeping', housekeeping);
}

/** The scope rules as they are now. */
function openRules(
  config: Config,
  services: Pick<StageServices, 'exclusions' | 'ruleStore' | 'plans' | 'resolver' | 'compute' | 'now'>,
  log: Logger,
) {
  const rules = new RuleBook(new InstallationRules(config, log), services.exclusions);
  return { rules, scopeCache: new ScopeCache({ ...services, rules }) };
}

function openEvents(config: Config, log: Logger, closers: Closers): SubmissionEvents {
  const redis = connectRedis(config.redis, 'worker', log);
  return closeLater(closers, 'events', new SubmissionEvents(redis, log));
}

/** Closes `opened` with the rest. */
function closeLater<T extends { close(): unknown }>(closers: Closers, what: string, opened: T): T {
  closers.push(what, () => opened.close());
  return opened;
}

/** On standard output, once in the life of an installation, and not through the log: that is kept and forwarded. */
function showToken(token: string): void {
  process.stdout.write(`Tasker generated its token; it is shown only now: ${token}\n`);
}
