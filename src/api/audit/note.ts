import type { Request } from 'express';
import {
  type Actor,
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

/** The same of somebody who is not known now: whose the thing was. */
interface AskedBy {
  req: Request;
  user: Actor;
  project?: string;
}

type What = Partial<Pick<AuditEntry, 'on' | 'before' | 'after'>>;

/** The entry of the audit trail for what a request does. */
export function auditNote(
  { req, caller, log, project }: Asked,
  { config, auditFile }: Pick<Services, 'config' | 'auditFile'>,
  event: AuditEvent,
  what: What = {},
): AuditNote {
  const by = { req, user: actorOf(caller), ...(project !== undefined && { project }) };
  return {
    entry: auditEntry(by, event, what),
    keep: config.auditKeep,
    file: auditFile,
    lost: lostTo(log),
  };
}

export function auditEntry(
  { req, user, project }: AskedBy,
  event: AuditEvent,
  { on = null, before = null, after = null }: What = {},
): AuditEntry {
  return {
    at: new Date().toISOString(),
    event,
    user,
    from: req.ip ?? null,
    request: String(req.id),
    project: project ?? null,
    on,
    before,
    after,
  };
}
