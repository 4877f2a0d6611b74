import { DISPATCH_HISTORY_KEY } from '../redis/keys.ts';
import { Store } from '../redis/store.ts';

/** Between two points. */
export const HISTORY_EVERY_MS = 10_000;
const POINTS = 3_600_000 / HISTORY_EVERY_MS;
/** What nobody adds to is old. */
const LIFE_S = 2 * 3600;

/** How the dispatch was at one moment; null: not known. */
export interface DispatchPoint {
  atMs: number;
  window: number | null;
  ready: number | null;
  running: number;
  /** Messages that were published in the life of the installation, without those that were taken out again. */
  published: number;
}

/** The last hour of the dispatch. */
export class HistoryStore extends Store {
  async add(point: DispatchPoint): Promise<void> {
    const pipeline = this.redis.pipeline().rpush(DISPATCH_HISTORY_KEY, JSON.stringify(point));
    await pipeline.ltrim(DISPATCH_HISTORY_KEY, -POINTS, -1).expire(DISPATCH_HISTORY_KEY, LIFE_S).exec();
  }

  /** Oldest first. */
  async all(): Promise<DispatchPoint[]> {
    const texts = await this.redis.lrange(DISPATCH_HISTORY_KEY, 0, -1);
    return texts.map((text) => JSON.parse(text) as DispatchPoint);
  }
}
