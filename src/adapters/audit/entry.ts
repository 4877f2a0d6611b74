import type { Logger } from '../../runtime/log.ts';
import type { Caller } from '../auth/caller.ts';

/** What people do, as the trail names it. The names are stable: others build on them. */
export const AUDIT_EVENTS = [
  'submission.begun',
  'submission.changed',
  'submission.paused',
  'submission.resumed',
  'submission.cancelled',
  'submission.excluded',
  'submission.retried',
  'targets.cancelled',
  'plan.asked',
  'plan.run',
  'plan.deleted',
  'project.stopped',
  'project.paused',
  'project.resumed',
  'exclusions.added',
  'exclusions.replaced',
  'exclusions.removed',
  'exclusions.refused',
  'webhooks.replaced',
  'webhooks.removed',
  'dispatch.changed',
  'dispatch.paused',
  'dispatch.resumed',
  'board.action',
  'board.refused',
  'login.refused',
  'session.begun',
  'session.ended',
  'session.link_made',
] as const;
export type AuditEvent = (typeof AUDIT_EVENTS)[number];

/** Who, as far as the provider of the users knows. */
export interface Actor {
  id: string;
  username: string;
  admin: boolean;
}

/** One line of the trail. */
export interface AuditEntry {
  /** ISO 8601. */
  at: string;
  event: AuditEvent;
  /** null: nobody that is known. */
  user: Actor | null;
  /** The address that the request came from. */
  from: string | null;
  /** `X-Request-Id`. */
  request: string | null;
  project: string | null;
  /** What was asked for, or what it was done to. */
  on: unknown;
  before: unknown;
  after: unknown;
}

/** An entry on its way into the trail. */
export interface AuditNote {
  entry: AuditEntry;
  /** Entries that are kept of each trail; 0: none. */
  keep: number;
  /** Has every entry appended too, with what it came to. */
  file?: { append(entry: AuditEntry, outcome: string): Promise<void> } | undefined;
  /** Told when the change was made and the entry could not be written. */
  lost(entry: AuditEntry, why: string): void;
}

/** Characters of the JSON of one entry: a trail of so many has an end. */
const MOST_CHARACTERS = 8_000;
/** Things that an entry lists one by one. */
const LISTED = 20;
const MOST_TEXT = 200;

/** An entry as it is kept. What is too long is left out and said. */
export function auditText(entry: AuditEntry): string {
  const text = JSON.stringify(entry);
  if (text.length <= MOST_CHARACTERS) return text;
  return JSON.stringify({ ...entry, on: TOO_LONG, before: TOO_LONG, after: TOO_LONG });
}

const TOO_LONG = { too_long: true };

/** How many, and the first of them. */
export function listedOf<T>(
  items: Iterable<T>,
  textOf: (item: T) => unknown,
): { total: number; listed: unknown[] } {
  let total = 0;
  const listed: unknown[] = [];
  for (const item of items) {
    total += 1;
    if (listed.length < LISTED) listed.push(textOf(item));
  }
  return { total, listed };
}

export function shortText(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

/** The log is what is left where the trail cannot be written. */
export function lostTo(log: Logger): AuditNote['lost'] {
  return (entry, why) => log.error({ audit: entry, err: why }, 'an entry of the audit trail was not written');
}

/** Who does it; empty: nobody that is known. */
export function nameIn(note: AuditNote | undefined): string {
  return note?.entry.user?.username ?? '';
}

export function actorOf({ user, admin }: Caller): Actor {
  return { id: user.id, username: user.username, admin };
}
