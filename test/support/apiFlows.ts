import { Redis } from 'ioredis';
import type { Broker } from '../../src/adapters/rabbitmq/broker.ts';
import { createStores } from '../../src/adapters/redis/stores.ts';
import { createFlows, type Flows } from '../../src/flows/flows.ts';
import { closeQueues, openQueues } from '../../src/flows/queues.ts';
import { SubmissionEvents } from '../../src/flows/submissionEvents.ts';
import { createQueries, type Queries } from '../../src/queries/queries.ts';
import { linesLog } from './broker.ts';
import type { FlowScene } from './flowScene.ts';
import { services } from './services.ts';

export interface ApiFlows {
  flows: Flows;
  queries: Queries;
  events: SubmissionEvents;
  close(): Promise<void>;
}

/** What the API of an installation works with, beside the jobs of the same one; another broker if one is named. */
export async function apiFlows(
  { stages }: FlowScene,
  broker: Broker = stages.context.broker,
): Promise<ApiFlows> {
  const { log } = linesLog();
  const { db = 0 } = stages.redis.options;
  const [redis, subscriber] = [0, 1].map(() => new Redis({ ...services().redis, db })) as [Redis, Redis];
  const events = new SubmissionEvents(subscriber, log);
  const { compute } = stages.context;
  const stores = createStores(redis, compute);
  const queues = openQueues(redis);
  const flows = createFlows({
    redis,
    stores,
    queues,
    events,
    broker,
    rules: stages.context.rules,
    scopeCache: stages.context.scopeCache,
    log,
  });
  return {
    flows,
    queries: createQueries({ redis, stores, broker, queues, compute }),
    events,
    close: async () => {
      events.close();
      await flows.close();
      await closeQueues(queues);
      redis.disconnect();
    },
  };
}
