import type { UserContext } from '../http/route.ts';
import { SharedBudget } from './sharedBudget.ts';

/** What one call has reserved. */
export interface Reserved {
  /** Whether there was room for so many bytes more. */
  more(bytes: number): boolean;
  /** Nothing of the body is held any more. What nobody gives back goes back when the call is over. */
  giveBack(): void;
}

/** Room for the bodies that are held at once, unpacked. A caller gets at most half of it, and always one body. */
export class BodyRoom {
  readonly #budget: SharedBudget;

  constructor({ maxBodyTotalBytes, maxBodyBytes }: { maxBodyTotalBytes: number; maxBodyBytes: number }) {
    this.#budget = new SharedBudget({
      most: Math.max(maxBodyTotalBytes, maxBodyBytes),
      share: Math.max(maxBodyTotalBytes / 2, maxBodyBytes),
    });
  }

  reserve({ caller, afterwards }: UserContext): Reserved {
    const user = caller.user.id;
    let reserved = 0;
    const giveBack = () => {
      this.#budget.give(user, reserved);
      reserved = 0;
    };
    afterwards(giveBack);
    const more = (bytes: number) => {
      const isRoom = this.#budget.take(user, bytes);
      if (isRoom) reserved += bytes;
      return isRoom;
    };
    return { more, giveBack };
  }
}
