import type { WindowStore } from '../../adapters/dispatch/windowStore.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import type { DispatchWindow } from '../../config/formats.ts';
import { RetryLaterError } from '../runner/stage.ts';
import { Pace } from './pace.ts';
import { AWAY_REST_MS, whenAway } from './sendBatch.ts';
import { SlowStart } from './slowStart.ts';

/** With `auto`: so long the workers could go on with what is ready. */
const AHEAD_S = 1;
const LEAST = 4;
const LEAST_PER_WORKER = 2;
const MOST = 1_000;
/** Between two looks at how many workers there are, and how many tasks they took. */
const COUNT_EVERY_MS = 250;
/** Until the next look at a full window. */
const SHORTEST_REST_MS = 10;
const LONGEST_REST_MS = 100;
/** What is expected of the first part, before any was sent. */
const FIRST_PART = 16;

interface RoomServices {
  broker: Broker;
  windowStore: WindowStore;
  dispatchWindow: DispatchWindow;
}

/** How many tasks may stand ready in RabbitMQ, and how many of them a job of this process may add now. */
export class Room {
  readonly #services: RoomServices;
  readonly #pace = new Pace();
  readonly #start = new SlowStart();
  #countedAtMs = -Infinity;
  #workers = 0;
  /** Tasks of this process that were let in and are not confirmed. */
  #underWay = 0;
  #lastPart = FIRST_PART;

  constructor(services: RoomServices) {
    this.#services = services;
  }

  /** How many tasks the next part of a batch will have, as far as one can tell. */
  expected(rest: number): number {
    return this.#services.dispatchWindow === 0 ? rest : Math.min(rest, this.#lastPart);
  }

  /**
   * Lets in as many of these tasks as there is room for, at least one; to be given back when they are confirmed.
   *
   * @throws RetryLaterError when there is none, or RabbitMQ takes none
   */
  async take(tasks: number): Promise<number> {
    const { broker, dispatchWindow } = this.#services;
    if (!broker.connected) throw new RetryLaterError('RabbitMQ is away', AWAY_REST_MS);
    if (broker.blocked !== undefined) throw new RetryLaterError('RabbitMQ blocks publishers', AWAY_REST_MS);
    if (dispatchWindow === 0) return tasks;
    // What is confirmed while RabbitMQ counts may be missing in its answer.
    const before = this.#underWay;
    const ready = await broker.depth().catch(whenAway);
    const limit = dispatchWindow === 'auto' ? await this.#limit(ready) : dispatchWindow;
    const free = limit - ready - Math.max(before, this.#underWay);
    if (free <= 0) throw new RetryLaterError('the window is full', this.#restMs(limit));
    const part = Math.min(tasks, free);
    this.#underWay += part;
    this.#lastPart = part;
    return part;
  }

  giveBack(part: number): void {
    if (this.#services.dispatchWindow === 0) return;
    this.#underWay -= part;
    this.#start.confirmed(part);
  }

  async #limit(ready: number): Promise<number> {
    const now = performance.now();
    const isDue = now - this.#countedAtMs >= COUNT_EVERY_MS;
    if (isDue) {
      this.#countedAtMs = now;
      const { published, workers } = await this.#services.windowStore.counts();
      this.#workers = workers;
      this.#pace.note(published - ready, now);
    }
    const rate = this.#pace.perSecond();
    const wanted = Math.max(LEAST, LEAST_PER_WORKER * this.#workers, Math.ceil(rate * AHEAD_S));
    const capped = () => Math.min(MOST, Math.max(wanted, this.#start.limit(now)));
    this.#start.note(ready, capped(), now);
    const limit = capped();
    if (isDue) await this.#services.windowStore.save({ limit, rate });
    return limit;
  }

  /** Half of the window should be free by then. */
  #restMs(limit: number): number {
    if (this.#start.limit(performance.now()) > 0) return SHORTEST_REST_MS;
    const rate = this.#pace.perSecond();
    const half = rate > 0 ? (limit / 2 / rate) * 1_000 : LONGEST_REST_MS;
    return Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, Math.round(half)));
  }
}
