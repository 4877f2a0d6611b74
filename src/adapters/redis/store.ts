import type { Redis } from 'ioredis';

/** What reads and writes one kind of data. It fails as its connection does. */
export abstract class Store {
  protected readonly redis: Redis;

  constructor(redis: Redis) {
    this.redis = redis;
  }
}
