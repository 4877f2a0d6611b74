import { createHash } from 'node:crypto';
import type { User } from '../../model/submission.ts';

/** Who a valid token belongs to. */
export interface Caller {
  user: User;
  /** Sees every project. */
  admin: boolean;
  /** See {@link tokenHash}. */
  tokenHash: string;
}

/**
 * - `allowed`: go on
 * - `denied`: 401, whether or not the project exists
 * - `unknown`: the caller is an admin and there is no such project: 404
 */
export type Access = 'allowed' | 'denied' | 'unknown';

export type VisibleProjects = ReadonlyMap<string, string | null>;

/** Who may call, and for which projects. Every method but `close` throws ServiceUnavailableError('auth store') when it cannot know. */
export interface Auth {
  /** Undefined for a token that is empty, wrong or expired. */
  authenticate(token: string): Promise<Caller | undefined>;
  /** `project` is a lower-case UUID with hyphens; `token` is the one that the caller was authenticated with. */
  access(caller: Caller, token: string, project: string): Promise<Access>;
  /** Those of these projects that the caller may see, with their names; null: it has none here. A deleted one is none. */
  visible(caller: Caller, token: string, projects: readonly string[]): Promise<VisibleProjects>;
  /** It knows the answers itself: asking costs nothing. */
  readonly isLocal: boolean;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Lower-case hex SHA-256: how ScanLedger keeps tokens, and the only form in which we keep one. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
