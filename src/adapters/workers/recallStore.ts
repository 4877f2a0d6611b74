import { RECALLS_KEY } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';

/** Lua passes on some 8,000 arguments at most. */
const PAGE = 2_500;

/** Two phases of the longest scan, and an hour: an nmap of that time has ended by its own limit. */
export const LONGEST_RECALL_MS = 49 * 3_600_000;

/** A task of a stopped or cancelled scan that a worker may have in hand, or RabbitMQ. All times are those of {@link RecallStore.now}. */
export interface Recall {
  /** When its scan was stopped. */
  since: number;
  /** When something last spoke for it still being with a worker. */
  seen: number;
  /** Since when a worker that answers has been told to end it, and lists it all the same. */
  told?: number;
  /** Its message came back to the queue and was taken out. */
  taken?: boolean;
  /** Its message may stand anywhere in the queue: nobody has looked yet. */
  queued?: boolean;
  /** Its project, when it may end by itself: then it must only not begin once more. */
  finishing?: string;
  /** When workers were asked last whether one of them has it. */
  asked?: number;
}

/** KEYS recalls. ARGV task id, JSON, ... */
const SAVE = new RedisScript<number>(
  "return redis.call('HSET', KEYS[1], unpack(ARGV))",
  'also when Redis is full',
);

/** The tasks of stopped scans that must not run, until there is evidence that none of them does. */
export class RecallStore extends Store {
  /**
   * Epoch milliseconds by the clock of Redis. By its own, a process that is ahead of the one that stopped a scan would
   * take a task for ended that has just been stopped.
   */
  async now(): Promise<number> {
    return timeOf(await this.redis.time());
  }

  /** `queued`: those of the ids whose message may still stand in the queue. */
  async remember(ids: readonly string[], queued: ReadonlySet<string>): Promise<void> {
    const now = await this.now();
    await this.save(
      ids.map((id) => [id, { since: now, seen: now, ...(queued.has(id) && { queued: true }) }]),
    );
  }

  /** These may end by themselves, and must not begin once more. */
  async rememberFinishing(ids: readonly string[], project: string): Promise<void> {
    const now = await this.now();
    await this.save(ids.map((id) => [id, { since: now, seen: now, finishing: project }]));
  }

  async all(): Promise<Map<string, Recall>> {
    const texts = Object.entries(await this.redis.hgetall(RECALLS_KEY));
    return new Map(texts.map(([id, text]) => [id, JSON.parse(text) as Recall]));
  }

  async save(recalls: readonly (readonly [string, Recall])[]): Promise<void> {
    for (const page of pages(recalls, PAGE))
      await SAVE.run(
        this.redis,
        [RECALLS_KEY],
        page.flatMap(([id, recall]) => [id, JSON.stringify(recall)]),
      );
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const page of pages(ids, PAGE)) await this.redis.hdel(RECALLS_KEY, ...page);
  }
}
