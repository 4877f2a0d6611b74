/** The words in which the targets of a batch are checked before they are sent, and moves are decided. */
import type { MoveNote } from '../../adapters/dispatch/moveNotes.ts';
import type { RefusalDetail, RefusalReason } from '../../model/refusal.ts';
import type { Address } from '../../targets/address/address.ts';
import type { Refusal } from '../../targets/scope/scope.ts';

/** What is known of a name at this moment. */
export interface NameNow {
  /** It is excluded by what it is now: nothing is scanned for its sake. */
  refusal?: Refusal | undefined;
  /** Whether it leads to this planned address. */
  leadsTo(ip: string): boolean;
  /** The addresses that may be scanned for its sake, the lowest first; empty when nothing new is known. */
  open: readonly string[];
}

export interface Target {
  address: Address;
  ip: string;
  hostnames: readonly string[];
  /** The parts of its ports that are in the batch. */
  parts: readonly number[];
}

/** `refusal`: why the address itself may not be scanned any more. */
export type Judged = Target & { refusal: Refusal | undefined };
/** One that names led to when it was planned. `isListed`: it is a target by itself, whatever names lead to it. */
export type NamedTarget = Judged & { isListed: boolean };
/** A target in the place of another one, which its names do not lead to any more. */
type MovedTarget = Target & { from: string };

export interface Refused {
  target: Target;
  reason: RefusalReason;
  detail: RefusalDetail;
}

export interface Ground {
  now(name: string): NameNow;
  /** Whether an address may be scanned when no more than these names lead to it. */
  allows(ip: string, names: readonly string[]): boolean;
  /** `planned`: accepted, and sent by a batch of its own. `known`: not sent, because it need not be scanned again. */
  decided(ip: string): 'planned' | 'known' | undefined;
  /** Into how many parts the ports are cut. */
  parts: number;
}

/** Where a name went that has no task at its planned address any more. */
export interface Left {
  name: string;
  /** Empty: nowhere. */
  to: readonly string[];
  /** Whether that is a task in the place of this one; otherwise there is one anyway. */
  moved: boolean;
}

export interface TargetVerdict {
  target: NamedTarget;
  /** The names that lead to it now; undefined: it is dropped. */
  hostnames: readonly string[] | undefined;
  left: readonly Left[];
  /** A name of another target has taken it over when it had been dropped. */
  isTakenOver: boolean;
}

/** What an earlier try of the batch may have tracked or sent, and is not to be scanned. */
export type Withdrawn = Pick<Target, 'ip' | 'parts'>;

/** What the check of a batch comes to. */
export interface Checked {
  kept: Target[];
  moved: MovedTarget[];
  refused: Refused[];
  withdrawn: Withdrawn[];
}

export interface Moves {
  verdicts: TargetVerdict[];
  moved: Omit<MovedTarget, 'address'>[];
  withdrawn: Withdrawn[];
  changes: Map<string, MoveNote>;
}
