import { createHash } from 'node:crypto';

/** Characters. What people write is far below. */
const LONGEST_AS_IT_IS = 1_000;

/**
 * What stands for a string of ports in what only we read and compare: itself, or its hash when it is long. What it
 * gives stays as it is when it is given again.
 */
export function shortPorts(ports: string): string {
  if (ports.length <= LONGEST_AS_IT_IS) return ports;
  return `sha256:${createHash('sha256').update(ports).digest('base64url')}`;
}
