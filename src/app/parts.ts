/** What both roles are put together from. */
import type { Redis } from 'ioredis';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { connectRedis } from '../adapters/redis/redis.ts';
import { createStores } from '../adapters/redis/stores.ts';
import { createScanledger } from '../adapters/scanledger/scanledger.ts';
import { InstallationRules } from '../adapters/scopeRules/installationRules.ts';
import { RuleBook } from '../adapters/scopeRules/ruleBook.ts';
import type { OpenTracing } from '../adapters/tracing/openTracing.ts';
import type { Config } from '../config/config.ts';
import { closeQueues, openQueues } from '../flows/queues.ts';
import { SubmissionEvents } from '../flows/submissionEvents.ts';
import { ScopeCache } from '../jobs/publish/scopeCache.ts';
import type { StageServices } from '../jobs/runner/stage.ts';
import type { Closers } from '../runtime/closers.ts';
import { Compute } from '../runtime/compute.ts';
import type { Logger } from '../runtime/log.ts';

/** What both roles begin with. */
export interface Common {
  broker: Broker;
  log: Logger;
  closers: Closers;
  tracing: OpenTracing | undefined;
}

/** What both roles open. */
export function openShared(config: Config, redis: Redis, { closers, tracing }: Common) {
  const compute = closeLater(closers, 'threads', new Compute());
  const queues = openQueues(redis, tracing?.telemetry);
  closers.push('queues', () => closeQueues(queues));
  const ledger = config.ledger && closeLater(closers, 'ledger', createScanledger(config.ledger));
  return { redis, compute, queues, ledger, stores: createStores(redis, compute, config) };
}

/** The scope rules as they are now. */
export function openRules(
  config: Config,
  services: Pick<StageServices, 'exclusions' | 'ruleStore' | 'plans' | 'resolver' | 'compute' | 'now'>,
  log: Logger,
) {
  const rules = new RuleBook(new InstallationRules(config, log), services.exclusions);
  return { rules, scopeCache: new ScopeCache({ ...services, rules }) };
}

export function openEvents(config: Config, log: Logger, closers: Closers): SubmissionEvents {
  const redis = connectRedis(config.redis, 'worker', log);
  return closeLater(closers, 'events', new SubmissionEvents(redis, log));
}

/** Closes `opened` with the rest. */
export function closeLater<T extends { close(): unknown }>(closers: Closers, what: string, opened: T): T {
  closers.push(what, () => opened.close());
  return opened;
}
