import type { Schema } from '../../src/client/client.ts';

export type Reason = keyof Schema<'Summary'>['refused'];

/** Why something is refused, in words. */
export const REASONS: readonly { reason: Reason; words: string }[] = [
  { reason: 'forbidden', words: 'excluded, or not allowed' },
  { reason: 'private_ip', words: 'not a public address' },
  { reason: 'already_in_scanledger', words: 'known to ScanLedger' },
  { reason: 'already_in_queue', words: 'queued already' },
  { reason: 'unresolvable', words: 'names without an address' },
  { reason: 'other', words: 'entries that cannot be read' },
];

export function reasonWords(reason: Reason | null): string {
  return REASONS.find((one) => one.reason === reason)?.words ?? '';
}
