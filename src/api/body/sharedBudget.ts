import type { RequestContext } from '../http/route.ts';

/** What one call has reserved. */
export interface Reserved {
  /** Whether there was room for so many bytes more. */
  more(bytes: number): boolean;
  /** Nothing is held any more. What nobody gives back goes back when the call is over. */
  giveBack(): void;
}

/** So many bytes for all callers together. No caller gets more than its share, so none can take what others need. */
export class SharedBudget {
  readonly #most: number;
  readonly share: number;
  readonly #byCaller = new Map<string, number>();
  #taken = 0;

  constructor({ most, share }: { most: number; share: number }) {
    this.#most = most;
    this.share = share;
  }

  /** Whether there was room for so many bytes more; they are the caller's then, until it gives them back. */
  take(caller: string, bytes: number): boolean {
    const own = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (own > this.share || this.#taken + bytes > this.#most) return false;
    this.#byCaller.set(caller, own);
    this.#taken += bytes;
    return true;
  }

  /** For what grows while it comes. */
  reserve(user: string, { afterwards }: Pick<RequestContext, 'afterwards'>): Reserved {
    let reserved = 0;
    const giveBack = () => {
      this.give(user, reserved);
      reserved = 0;
    };
    afterwards(giveBack);
    const more = (bytes: number) => {
      const isRoom = this.take(user, bytes);
      if (isRoom) reserved += bytes;
      return isRoom;
    };
    return { more, giveBack };
  }

  give(caller: string, bytes: number): void {
    const own = (this.#byCaller.get(caller) ?? 0) - bytes;
    if (own > 0) this.#byCaller.set(caller, own);
    else this.#byCaller.delete(caller);
    this.#taken -= bytes;
  }
}
