/** The scan request's options about its entries. Field names are those of the API. */

export const INVALID_ENTRY_CHOICES = ['refuse', 'skip'] as const;

export const IP_VERSIONS = ['4', '6', 'any'] as const;

export interface TargetOptions {
  /** What happens when an entry cannot be read: the whole request is refused, or the entry is skipped and listed. */
  on_invalid?: (typeof INVALID_ENTRY_CHOICES)[number];
  /** Which addresses of names are wanted: IPv4 ('4'), IPv6 ('6'), both. Absent: IPv4. */
  ip_version?: (typeof IP_VERSIONS)[number];
  /** Whether the submission goes on when a name that is excluded does not resolve. Absent: no. */
  allow_unresolved_exclusions?: boolean;
  /** Whether the network and broadcast address of IPv4 networks are scanned. Absent: no. */
  include_network_and_broadcast?: boolean;
}
