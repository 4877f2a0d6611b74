import { AuditFile } from '../adapters/audit/auditFile.ts';
import { lostTo } from '../adapters/audit/entry.ts';
import { createAuth } from '../adapters/auth/auth.ts';
import { createResolver } from '../adapters/dns/resolver.ts';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { checkWrites, memoryWarnings } from '../adapters/redis/health.ts';
import { connectRedis, untilReady } from '../adapters/redis/redis.ts';
import { InstallationRules } from '../adapters/scopeRules/installationRules.ts';
import { createServer } from '../api/server.ts';
import type { Config } from '../config/config.ts';
import { createFlows } from '../flows/flows.ts';
import { createQueries } from '../queries/queries.ts';
import { ServiceUnavailableError } from '../runtime/errors.ts';
import { type Common, closeLater, openEvents, openRules, openShared } from './parts.ts';

/** How long the API waits for its first connection to Redis before it takes requests anyway. */
const START_WAIT_MS = 3_000;

/** Gives its URL. */
export async function startApi(config: Config, common: Common): Promise<string> {
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

/** On standard output, once in the life of an installation, and not through the log: that is kept and forwarded. */
function showToken(token: string): void {
  process.stdout.write(`Tasker generated its token; it is shown only now: ${token}\n`);
}
