import { createBroker } from '../adapters/rabbitmq/broker.ts';
import type { OpenTracing } from '../adapters/tracing/openTracing.ts';
import { tellFindings } from '../checks/startUp.ts';
import type { Config } from '../config/config.ts';
import { Closers } from '../runtime/closers.ts';
import type { Logger } from '../runtime/log.ts';
import { startJobsProcess } from './jobsProcess.ts';
import { closeLater } from './parts.ts';
import { startApi } from './startApi.ts';
import { startJobs } from './startJobs.ts';

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
