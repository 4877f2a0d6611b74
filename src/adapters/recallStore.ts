import type { Redis } from 'ioredis';
import { RECALLS_KEY } from './keys.ts';

/** Two phases of the longest scan, and an hour: after that RabbitMQ has given up the delivery too. */
const LONGEST_MS = 49 * 3_600_000;
/** A worker starts what it is given at once: what nobody was seen running was lost, or taken in that very moment. */
const NOT_SEEN_MS = 3_600_000;
/** Between the moment in which a worker's entry goes and the acknowledgement of its message. */
const ENDING_MS = 60_000;

/** A task of a stopped scan that a worker had in hand. */
export interface Recall {
  /** Epoch milliseconds after which it is forgotten. */
  until: number;
  /** A worker was seen running it. When its entry is gone, it has ended. */
  running: boolean;
}

/** The tasks that a stop could not take out of the queue, because a worker had them in hand. */
export class RecallStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async remember(ids: readonly string[], running: ReadonlySet<string>, now: number): Promise<void> {
    await this.#write(
      ids.map((id) => [
        id,
        { running: running.has(id), until: now + (running.has(id) ? LONGEST_MS : NOT_SEEN_MS) },
      ]),
    );
  }

  async all(): Promise<Map<string, Recall>> {
    const texts = Object.entries(await this.#redis.hgetall(RECALLS_KEY));
    return new Map(texts.map(([id, text]) => [id, recallOf(text)]));
  }

  /** Notes what runs at this moment. Gives those whose time is over; {@link forget} them. */
  async note(
    recalls: ReadonlyMap<string, Recall>,
    runningNow: ReadonlySet<string>,
    now: number,
  ): Promise<string[]> {
    const changed: [string, Recall][] = [];
    for (const [id, recall] of recalls) {
      const running = runningNow.has(id);
      if (running === recall.running) continue;
      changed.push([id, { running, until: now + (running ? LONGEST_MS : ENDING_MS) }]);
    }
    await this.#write(changed);
    return [...recalls].filter(([, { until }]) => until < now).map(([id]) => id);
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#redis.hdel(RECALLS_KEY, ...ids);
  }

  async #write(recalls: readonly [string, Recall][]): Promise<void> {
    if (recalls.length === 0) return;
    await this.#redis.hset(RECALLS_KEY, ...recalls.flatMap(([id, recall]) => [id, JSON.stringify(recall)]));
  }
}

function recallOf(text: string): Recall {
  const { until, running } = JSON.parse(text) as Partial<Recall>;
  return { until: Number(until), running: running === true };
}
