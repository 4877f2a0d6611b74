import { createResolver } from '../adapters/dns/resolver.ts';
import { JobMetrics } from '../adapters/metrics/jobMetrics.ts';
import { createDnsCache } from '../adapters/names/dnsCache.ts';
import { WildcardWatch } from '../adapters/names/wildcards.ts';
import { createProjectDirectory } from '../adapters/projects/directory.ts';
import { connectRedis } from '../adapters/redis/redis.ts';
import { SharedClock } from '../adapters/redis/sharedClock.ts';
import { createWebhookHttp } from '../adapters/webhooks/http.ts';
import type { Config } from '../config/config.ts';
import { buryDead } from '../flows/heal/buryDead.ts';
import { followScans } from '../flows/heal/followScans.ts';
import { healLost } from '../flows/heal/healLost.ts';
import { openProducer } from '../flows/queues.ts';
import { renumber } from '../flows/renumber.ts';
import { resumeFlows } from '../flows/resumeFlows.ts';
import { finishCancels } from '../flows/stop/cancel.ts';
import { recallTasks } from '../flows/stop/recallTasks.ts';
import { finishStops, stop } from '../flows/stop/stop.ts';
import { keepOut } from '../flows/takeBack/keepOut.ts';
import { finishPauses } from '../flows/takeBack/pause.ts';
import { type AgainServices, sendAgain } from '../flows/takeBack/sendAgain.ts';
import { wakeLimited } from '../flows/takeBack/wake.ts';
import { FLOW } from '../flows/tree.ts';
import { runHousekeeping } from '../jobs/chores/housekeeping.ts';
import { measureTasks } from '../jobs/chores/measureTasks.ts';
import { notePongs } from '../jobs/chores/pingWorkers.ts';
import { LEDGER_PLACES } from '../jobs/dedup/dedup.ts';
import { BatchReader } from '../jobs/publish/batchReader.ts';
import { Room } from '../jobs/publish/room.ts';
import { UNMARKED } from '../jobs/publish/sendBatch.ts';
import { runJobs } from '../jobs/runner/runJobs.ts';
import type { StageServices } from '../jobs/runner/stage.ts';
import { Turns } from '../jobs/runner/turns.ts';
import { runWebhooks } from '../jobs/webhooks/runWebhooks.ts';
import { Semaphore } from '../runtime/semaphore.ts';
import { type Common, closeLater, openEvents, openRules, openShared } from './parts.ts';

type Opened = ReturnType<typeof openShared> &
  Pick<StageServices, 'now'> & { onQuery: JobMetrics['queryEnded'] | undefined };

export async function startJobs(config: Config, common: Common): Promise<undefined> {
  const { broker, log, closers, tracing } = common;
  const redis = connectRedis(config.redis, 'worker', log);
  closers.push('redis', () => redis.disconnect());
  const shared = openShared(config, redis, common);
  const { queues, stores } = shared;
  const producer = closeLater(closers, 'producer', openProducer(redis, tracing?.telemetry));
  const { now } = closeLater(closers, 'clock', await SharedClock.open(redis));
  const metrics =
    config.metrics === 'off' ? undefined : closeLater(closers, 'metrics', new JobMetrics(stores.metrics));
  const services = stageServices(config, common, { ...shared, now, onQuery: metrics?.queryEnded });
  const jobs = closeLater(
    closers,
    'jobs',
    runJobs({ stages: FLOW, queues, redis, services, log, metrics, tracing }),
  );
  openEvents(config, log, closers).onStopped((id) => jobs.cancel(id));
  notePongs(broker, stores.workers, log);
  const flowServices = { ...stores, redis, broker, producer, queues, log, turns: services.turns };
  const measuring = measureTasks({
    ...{ ...stores, broker, log },
    wakeLimited: () => wakeLimited(flowServices),
    renumber: (id) => renumber(id, flowServices),
  });
  closeLater(closers, 'measuring', measuring);
  await startChores(config, common, { ...services, ...flowServices });
}

/** What the stages work with. */
function stageServices(
  config: Config,
  { broker, log, closers }: Common,
  { redis, stores, queues, compute, ledger, now, onQuery }: Opened,
) {
  const { dnsServers: servers, dnsRate: rate, dnsTimeoutMs: timeoutMs } = config;
  const cache = createDnsCache(redis, { servers });
  const options = { servers, rate, timeoutMs, cache, now, onQuery };
  const resolver = closeLater(closers, 'resolver', createResolver(options));
  const wildcards: StageServices['wildcards'] = (ipVersion, signal) =>
    new WildcardWatch({ resolver, cache, ipVersion }, signal);
  const { rules, scopeCache } = openRules(config, { ...stores, resolver, compute, now }, log);
  return {
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
}

/** What repeats by itself; see jobs/chores. */
async function startChores(
  config: Config,
  { log, closers }: Common,
  services: ReturnType<typeof stageServices> & AgainServices,
): Promise<void> {
  const { redis, now } = services;
  const http = closeLater(closers, 'webhook calls', createWebhookHttp(config.webhookAllowPrivate));
  const webhooks = closeLater(closers, 'webhooks', runWebhooks(redis, { ...services, http, log }));
  const directory = createProjectDirectory(config.auth, log);
  if (directory) closers.push('project directory', () => directory.close());
  const told = new Set<string>();
  const housekeeping = await runHousekeeping(redis, {
    ...services,
    directory,
    stopProject: (project) => stop(project, services),
    finishStops: () => finishStops(services),
    finishPauses: async () => {
      await finishPauses(services);
      await finishCancels(services);
    },
    keepOut: () => keepOut({ ...services, installationHash: () => services.rules.installationHash() }),
    healLost: () => healLost(services),
    buryDead: () => buryDead(services),
    followScans: () => followScans(services),
    sendAgain: () => sendAgain(services),
    callWebhooks: () => webhooks.callDue(),
    recallTasks: () => recallTasks(services),
    resumeFlows: () => resumeFlows(services, told, now()),
    log,
  });
  closeLater(closers, 'housekeeping', housekeeping);
}
