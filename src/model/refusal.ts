/** Why a target or a name is not scanned: the six words that callers know, in the order of the answer. */
export const REFUSAL_REASONS = [
  'already_in_scanledger',
  'already_in_queue',
  'forbidden',
  'private_ip',
  'unresolvable',
  'other',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Which rule refused: a table row, a list, a line. */
export interface RefusalDetail {
  rule:
    | 'special_purpose'
    | 'allowlist'
    | 'exclusion'
    | 'cancelled'
    | 'ledger'
    | 'queue'
    | 'dns'
    | 'entry'
    | 'message';
  /** `IANA: Private-Use (RFC 1918)`, `ALLOWED_HOSTS`, `installation`, `project`, `request`; of what came
   * later, who and when. */
  source: string;
  /** The table row's network, the exclusion as typed, the kind of failure (`nxdomain`); empty when there is none. */
  entry: string;
}
