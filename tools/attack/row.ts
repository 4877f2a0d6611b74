import type { Scene } from './scene.ts';

/** One thing that is tried, and what has to hold. */
export interface Row {
  number: number;
  /** What is tried, for people. */
  tried: string;
  /** @default 25 */
  mostSeconds?: number;
  /** What is to be attacked may have to be made first; `begin` says that only what follows counts. */
  attack(scene: Scene, begin: () => Promise<void>): Promise<Outcome>;
}

export interface Outcome {
  holds: boolean;
  figure: string;
}

export interface Claim {
  /** With its figure: `1 of 1000 were let in`. */
  what: string;
  holds: boolean;
}

export function claim(what: string, holds: boolean): Claim {
  return { what, holds };
}

/** Holds when every claim does; those that do not are named first. */
export function outcomeOf(...claims: Claim[]): Outcome {
  const broken = claims.filter(({ holds }) => !holds).map(({ what }) => `NOT ${what}`);
  return {
    holds: broken.length === 0,
    figure: [...broken, ...claims.filter(({ holds }) => holds).map(({ what }) => what)].join('; '),
  };
}

/** How often each status came, as text: `200 x 3, 429 x 7`. */
export function statuses(replies: readonly { status: number }[]): string {
  const counts = new Map<number, number>();
  for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status} x ${count}`).join(', ');
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
