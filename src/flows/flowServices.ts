import type { FlowProducer } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import type { Logger } from '../runtime/log.ts';

/** What changes of flows work with. Everything is handed in; a test hands in the same on its own servers. */
export interface FlowServices extends Stores {
  redis: Redis;
  broker: Broker;
  producer: FlowProducer;
  queues: Queues;
  log: Logger;
}
