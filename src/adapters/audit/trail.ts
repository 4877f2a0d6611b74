import { AUDIT_KEY, projectKeys } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import type { AuditEntry, AuditNote } from './entry.ts';

export interface AuditQuery {
  limit: number;
  /** The place of the last entry that the caller has. */
  before?: string;
  event?: string;
  /** Id or name. */
  user?: string;
  /** Epoch milliseconds. */
  sinceMs?: number;
  untilMs?: number;
  project?: string;
  /** Id of the scan or plan that it was done to, or came to. */
  submission?: string;
  /** The address that the request came from. */
  from?: string;
}

/** `outcome`: what the change came to, in its own words: the id of a submission, what was removed. */
type KeptEntry = AuditEntry & { id: string; outcome: string };

export interface AuditPage {
  entries: KeptEntry[];
  /** Where the next page goes on; undefined: this was the last one. */
  next: string | undefined;
}

const READ_AT_ONCE = 200;
/** Entries that one page looks at. */
const LOOKED_AT = 2_000;

/** Changes nothing by itself. */
const NOTE = new RedisScript<string>(`return 'noted'`);

/** What people did: of the installation, and of each project by itself, so that no project pushes out what others did. */
export class AuditTrail extends Store {
  /** For what is changed elsewhere than in a script of ours. Never rejects: the change does not wait for it. */
  async note(note: AuditNote): Promise<void> {
    await NOTE.run(this.redis, [], [], note).catch((error: unknown) => note.lost(note.entry, String(error)));
  }

  /** Newest first. @param project undefined: everything that is known of the installation */
  async page(project: string | undefined, query: AuditQuery): Promise<AuditPage> {
    const key = project === undefined ? AUDIT_KEY : projectKeys(project).audit;
    const oldest = query.sinceMs === undefined ? '-' : String(query.sinceMs);
    const newest = query.untilMs === undefined ? '+' : String(query.untilMs);
    const entries: KeptEntry[] = [];
    let before = query.before;
    for (let looked = 0; looked < LOOKED_AT; ) {
      const start = before === undefined ? newest : `(${before}`;
      const rows = await this.redis.xrevrange(key, start, oldest, 'COUNT', READ_AT_ONCE);
      for (const [id, fields] of rows) {
        const entry = entryOf(id, fields);
        before = id;
        if (entry !== undefined && fits(entry, query)) entries.push(entry);
        if (entries.length === query.limit) return { entries, next: id };
      }
      if (rows.length < READ_AT_ONCE) return { entries, next: undefined };
      looked += rows.length;
    }
    return { entries, next: before };
  }
}

function fits(entry: KeptEntry, query: AuditQuery): boolean {
  const { event, user, project, from } = entry;
  if (query.event !== undefined && event !== query.event) return false;
  if (query.project !== undefined && project !== query.project) return false;
  if (query.from !== undefined && from !== query.from) return false;
  if (query.submission !== undefined && !isAbout(entry, query.submission)) return false;
  return query.user === undefined || user?.id === query.user || user?.username === query.user;
}

/** A stop names what it stopped in what it came to, everything else what it was done to. */
function isAbout({ on, outcome }: KeptEntry, submission: string): boolean {
  if (outcome.split(' ').includes(submission)) return true;
  const { submission: scan, plan } = (on ?? {}) as Partial<Record<string, unknown>>;
  return scan === submission || plan === submission;
}

/** undefined: none of ours. */
function entryOf(id: string, fields: readonly string[]): KeptEntry | undefined {
  const [first, text = '', , outcome = ''] = fields;
  if (first !== 'entry') return undefined;
  try {
    return { id, ...(JSON.parse(text) as AuditEntry), outcome };
  } catch {
    return undefined;
  }
}
