import { PUBLISHED_KEY, UNANSWERED_PINGS_KEY, WINDOW_KEY } from '../redis/keys.ts';
import { readAtOnce } from '../redis/readAtOnce.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Seconds until what is known of the window counts as old. */
const LIFE_S = 60;

export interface WindowState {
  /** Tasks that may be ready in RabbitMQ. */
  limit: number;
  /** Tasks a second that workers take. */
  rate: number;
}

/** KEYS published. ARGV messages. A stop asks for it. */
const TAKEN_OUT = new RedisScript<number>(
  "return redis.call('DECRBY', KEYS[1], ARGV[1])",
  'also when Redis is full',
);

/** The numbers that the window in RabbitMQ follows from. */
export class WindowStore extends Store {
  /** Messages of all processes that were published and are not taken out again; workers of which something was heard. */
  async counts(): Promise<{ published: number; workers: number }> {
    const [published, workers] = await readAtOnce(this.redis, [
      ['GET', PUBLISHED_KEY],
      ['HLEN', UNANSWERED_PINGS_KEY],
    ]);
    return { published: Number(published ?? 0), workers: Number(workers) };
  }

  /** These messages were taken out of the queue again: no worker took them. */
  async takenOut(messages: number): Promise<void> {
    if (messages > 0) await TAKEN_OUT.run(this.redis, [PUBLISHED_KEY], [messages]);
  }

  async save({ limit, rate }: WindowState): Promise<void> {
    await this.redis.hset(WINDOW_KEY, { limit, rate });
    await this.redis.expire(WINDOW_KEY, LIFE_S);
  }

  /** undefined: nothing was sent for a while. */
  async read(): Promise<WindowState | undefined> {
    const { limit, rate } = await this.redis.hgetall(WINDOW_KEY);
    return limit === undefined ? undefined : { limit: Number(limit), rate: Number(rate) };
  }
}
