import { LRUCache } from 'lru-cache';

/**
 * So long nobody is admitted after somebody was turned away for want of a place. A burst takes a second to be turned
 * away; were each place that becomes free in it given to the next caller, all would share the machine with all.
 */
const CLOSED_MS = 1_000;
/** So long after its last request a caller counts as somebody else who wants places. */
const PRESENT_MS = 10_000;
/** Callers who were turned away a moment ago that are remembered. */
const TURNED_AWAY = 1_000;

interface Holder {
  inside: number;
  /** The same for its share alone. */
  closedUntilMs: number;
  isGuest: boolean;
}

/**
 * Places for what is planned at once. One caller may have them all while nobody else comes; then half of them. Whoever
 * holds none, and is not the one who comes again and again, need not wait until others have ended: for those there are a
 * quarter more.
 */
export class PlanningPlaces {
  readonly limit: number;
  /** Of one caller, while others come. */
  readonly share: number;
  readonly #guestRoom: number;
  readonly #holders = new Map<string, Holder>();
  /** When. */
  readonly #turnedAway = new LRUCache<string, number>({ max: TURNED_AWAY });
  /** The last two who came, the later one first. */
  #latest = { caller: '', atMs: Number.NEGATIVE_INFINITY };
  #before = this.#latest;
  #inside = 0;
  #guests = 0;
  #closedUntilMs = 0;

  /** @param limit 0: any number */
  constructor(limit: number) {
    this.limit = limit;
    this.share = Math.ceil(limit / 2);
    this.#guestRoom = Math.ceil(limit / 4);
  }

  /** Takes a place; what is in the way instead, if something is. */
  take(caller: string, nowMs: number): 'taken' | 'all are taken' | 'share is taken' {
    const holder = this.#holders.get(caller);
    const othersCome = this.#noteAndAskForOthers(caller, nowMs);
    if (this.limit === 0) return this.#enter(caller, holder, false);
    if (this.#inside >= this.limit) this.#closedUntilMs = nowMs + CLOSED_MS;
    const isInBurst = nowMs - (this.#turnedAway.get(caller) ?? Number.NEGATIVE_INFINITY) < CLOSED_MS;
    if (nowMs < this.#closedUntilMs) {
      const isWelcome = holder === undefined && !isInBurst && this.#guests < this.#guestRoom;
      return isWelcome ? this.#enter(caller, holder, true) : this.#turnAway(caller, nowMs, 'all are taken');
    }
    if (holder === undefined || !othersCome) return this.#enter(caller, holder, false);
    if (holder.inside >= this.share) holder.closedUntilMs = nowMs + CLOSED_MS;
    return nowMs < holder.closedUntilMs
      ? this.#turnAway(caller, nowMs, 'share is taken')
      : this.#enter(caller, holder, false);
  }

  free(caller: string): void {
    const holder = this.#holders.get(caller);
    if (holder === undefined) return;
    this.#inside -= 1;
    holder.inside -= 1;
    if (holder.inside > 0) return;
    this.#holders.delete(caller);
    if (holder.isGuest) this.#guests -= 1;
  }

  #enter(caller: string, holder: Holder | undefined, isGuest: boolean): 'taken' {
    this.#inside += 1;
    if (holder !== undefined) holder.inside += 1;
    else {
      this.#holders.set(caller, { inside: 1, closedUntilMs: 0, isGuest });
      if (isGuest) this.#guests += 1;
    }
    return 'taken';
  }

  #turnAway<Why>(caller: string, nowMs: number, why: Why): Why {
    this.#turnedAway.set(caller, nowMs);
    return why;
  }

  #noteAndAskForOthers(caller: string, nowMs: number): boolean {
    if (this.#latest.caller !== caller) this.#before = this.#latest;
    this.#latest = { caller, atMs: nowMs };
    return nowMs - this.#before.atMs < PRESENT_MS;
  }
}
