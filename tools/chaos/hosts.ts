import type { Random } from './random.ts';

/** Names that the run's name server knows, each with an address of its own. */
const NAMES = 64;
export const ZONE = Array.from({ length: NAMES }, (_, index) => `11.200.0.${index + 1} ${nameOf(index + 1)}`);

function nameOf(number: number): string {
  return `host-${number}.chaos.test`;
}

const SHAPES = { single: 4, several: 3, 28: 6, 27: 3, 26: 2, 24: 1, names: 3 } as const;
const MOST_SINGLE = 6;
const MOST_NAMES = 8;

/** The hosts of a scan request, in a small part of 11.0.0.0/8 that belongs to the user: they meet again now and then. */
export function someHosts(random: Random, user: number): string[] {
  const shape = random.weighted(SHAPES);
  const address = () => `11.${100 + user}.${random.between(0, 15)}.${random.between(1, 254)}`;
  if (shape === 'single') return [address()];
  if (shape === 'several') return Array.from({ length: random.between(2, MOST_SINGLE) }, address);
  if (shape === 'names')
    return Array.from({ length: random.between(1, MOST_NAMES) }, () => nameOf(random.between(1, NAMES)));
  return [`${address()}/${shape}`];
}
