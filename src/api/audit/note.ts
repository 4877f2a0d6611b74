import type { Request } from 'express';
import {
  type AuditEntry,
  type AuditEvent,
  type AuditNote,
  actorOf,
  lostTo,
} from '../../adapters/audit/entry.ts';
import type { Caller } from '../../adapters/auth/caller.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Services } from '../http/route.ts';

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
  { config, auditFile }: Pick<Services, 'config' | 'auditFile'>,
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
  return { entry, keep: config.auditKeep, file: auditFile, lost: lostTo(log) };
}
