/** Numbers that follow from a seed, so that a run can be tried again. */
export interface Random {
  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number;
  pick<T>(list: readonly T[]): T | undefined;
  /** One of the names, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

/** `purpose`: streams of one seed that do not depend on how many numbers another one has taken. */
export function randomOf(seed: number, purpose: string): Random {
  const next = mulberry32(startOf(`${seed} ${purpose}`));
  const between = (lowest: number, highest: number) => lowest + Math.floor(next() * (highest - lowest + 1));
  return {
    between,
    pick: (list) => list[between(0, Math.max(0, list.length - 1))],
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const entries = Object.entries(weights) as [K, number][];
      let rest = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const [last] = entries.slice(-1);
      const found = entries.find(([, weight]) => {
        rest -= weight;
        return rest < 0;
      });
      const chosen = found ?? last;
      if (chosen === undefined) throw new Error('nothing to choose from');
      return chosen[0];
    },
  };
}

/** FNV-1a: close seeds begin far from each other. */
function startOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return hash >>> 0;
}

/** A well-known small generator; 0 to 1, without 1. */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
