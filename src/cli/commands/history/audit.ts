import type { Schema } from '../../../client/client.ts';
import type { Call } from '../../action.ts';
import { given } from '../../given.ts';
import { listRows, type RowOptions } from '../../rows.ts';
import { localTime } from '../../terminal/numbers.ts';
import { wordsOf } from './words.ts';

type Entry = Schema<'AuditEntry'>;

interface AuditOptions extends RowOptions {
  event?: Entry['event'];
  user?: string;
  since?: string;
  until?: string;
  scan?: string;
  from?: string;
  allProjects?: true;
}

/** What people did, newest first. */
export async function audit({ session, options }: Call<AuditOptions>): Promise<void> {
  const { event, user, since, until, scan, from, allProjects } = options;
  const query = given({ event, user, since, until, submission: scan, from });
  const shape = {
    rowsOf: ({ entries }: Schema<'AuditPage'>) => entries,
    head: ['when', 'what', 'by', 'from', ...(allProjects ? ['project'] : []), ''],
    cellsOf: (entry: Entry) => [
      ...[localTime(entry.at), entry.event, entry.user?.username ?? 'nobody known', entry.from ?? ''],
      ...(allProjects ? [entry.project ?? ''] : []),
      [entry.on, entry.after, entry.outcome].map(wordsOf).filter(Boolean).join(' → '),
    ],
    none: 'no entries',
  };
  if (allProjects) return listRows(session, 'listAuditEntries', { query }, options, shape);
  return listRows(session, 'listProjectAuditEntries', { path: session.project(), query }, options, shape);
}
