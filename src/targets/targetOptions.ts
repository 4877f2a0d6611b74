/** The scan request's options about its entries. Field names are those of the API. */

export const INVALID_ENTRY_CHOICES = ['refuse', 'skip'] as const;

export interface TargetOptions {
  /** What happens when an entry cannot be read: the whole request is refused, or the entry is skipped and listed. */
  on_invalid?: (typeof INVALID_ENTRY_CHOICES)[number];
  /** Whether the network and broadcast address of IPv4 networks are scanned. Absent: no. */
  include_network_and_broadcast?: boolean;
}
