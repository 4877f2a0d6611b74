import type { Request } from 'express';
import { type AuditEntry, type AuditEvent, type AuditNote, actorOf } from '../../adapters/audit/entry.ts';
import type { Caller } from '../../adapters/auth/caller.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../runtime/log.ts';

interface Asked {
  req: Request;
  caller: Caller;
  log: Logger;
  project?: string;
}

type What = Partial<Pick<AuditEntry, 'on' | 'before' | 'after'>>;

/** The entry of the audit trail for what a request does. */
export function auditNote(
  { req, caller, log, project }: Asked,
  { auditKeep }: Pick<Config, 'auditKeep'>,
  event: AuditEvent,
  { on = null, before = null, after = null }: What = {},
): AuditNote {
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    event,
    user: actorOf(caller),
    from: req.ip ?? null,
    request: String(req.id),
    project: project ?? null,
    on,
    before,
    after,
  };
  return { entry, keep: auditKeep, lost: lostTo(log) };
}

/** The log is what is left where the trail cannot be written. */
export function lostTo(log: Logger): AuditNote['lost'] {
  return (entry, why) => log.error({ audit: entry, err: why }, 'an entry of the audit trail was not written');
}
