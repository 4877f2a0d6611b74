import type { ScanledgerConfig } from '../../config/config.ts';
import { PermanentError } from '../../runtime/errors.ts';
import { type RecordedHost, recordedHosts } from './hosts.ts';
import { createScanledgerHttp, type Question, type ScanledgerHttp } from './http.ts';
import { LEDGER_LIMITS } from './limits.ts';

/** Host names for the record of an address. */
export interface NamedHost {
  ip: string;
  hostnames: string[];
}

/** What a ledger can do for us: say what is known, and take host names. */
export interface Ledger {
  /**
   * The known hosts of a project, in pages of up to 1,000. While somebody writes, pages shift: a host may come
   * twice or not at all. Throws ServiceUnavailableError('ledger'), PermanentError, or the signal's reason.
   */
  knownHosts(project: string, signal?: AbortSignal): AsyncGenerator<RecordedHost[]>;
  /** Merges host names into the records of their addresses. Throws like `knownHosts`; repeating it does no harm. */
  addHostnames(project: string, hosts: readonly NamedHost[], signal?: AbortSignal): Promise<void>;
  /** Throws ServiceUnavailableError('ledger') when ScanLedger does not answer, PermanentError when it refuses our token. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 500;

/** ScanLedger as the ledger, with Tasker's own token. Opens no connection before the first call. */
export function createScanledger(config: ScanledgerConfig, limits = LEDGER_LIMITS): Ledger {
  const http = createScanledgerHttp({ ...config, service: 'ledger', limits });
  const ask = (question: Question) => askAsTasker(http, config.token, question);
  return {
    knownHosts(project, signal) {
      const path = ipsOf(project);
      return recordedHosts(
        { path, ask: (page) => ask({ path: page, signal }), nonsense: http.nonsense },
        limits,
      );
    },
    async addHostnames(project, hosts, signal) {
      const path = `${ipsOf(project)}?mode=insert`;
      for (let start = 0; start < hosts.length; start += CHUNK) {
        const chunk = hosts.slice(start, start + CHUNK);
        const json = chunk.map(({ ip, hostnames }) => ({ ip, hostnames, ports: [] }));
        await ask({ method: 'POST', path, json, signal });
      }
    },
    async check() {
      await ask({ path: '/projects' });
    },
    close: () => http.close(),
  };
}

/**
 * Whether the bearer of this token may see the project, a lower-case UUID; `unknown` when ScanLedger says that there is
 * none. Throws ServiceUnavailableError of the client's service when the answer is neither.
 */
export async function projectAccess(
  http: ScanledgerHttp,
  callerToken: string,
  project: string,
): Promise<'allowed' | 'denied' | 'unknown'> {
  const path = projectPath(project);
  const { status, body } = await http.send(callerToken, { path });
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'unknown';
  if (status !== 200) throw http.nonsense(path, statusText(status));
  // A page for everybody is no yes, whatever its status.
  if (idOf(body) !== project) throw http.nonsense(path, 'not the project that was asked for');
  return 'allowed';
}

/** Whether ScanLedger knows the token: its user has a list of projects then. Throws like `projectAccess`. */
export async function knowsToken(http: ScanledgerHttp, callerToken: string): Promise<boolean> {
  return (await projectsOf(http, callerToken)) !== undefined;
}

/** The projects of the bearer of this token, with their names; undefined: the token is wrong. Throws like `projectAccess`. */
export async function projectsOf(
  http: ScanledgerHttp,
  callerToken: string,
): Promise<Map<string, string | null> | undefined> {
  const path = '/projects';
  const { status, body } = await http.send(callerToken, { path });
  if (status === 401 || status === 403) return undefined;
  if (status !== 200) throw http.nonsense(path, statusText(status));
  const nonsense = http.nonsense(path, 'not a list of projects');
  if (!Array.isArray(body)) throw nonsense;
  const projects = new Map<string, string | null>();
  for (const project of body) {
    const id = idOf(project);
    if (id === undefined) throw nonsense;
    projects.set(id, nameOf(project));
  }
  return projects;
}

/** The UUID of a project as ScanLedger describes it. */
function idOf(project: unknown): string | undefined {
  if (typeof project !== 'object' || project === null || !('id' in project)) return undefined;
  const { id } = project;
  return typeof id === 'string' && UUID.test(id) ? id.toLowerCase() : undefined;
}

/** A name is only shown. */
function nameOf(project: object): string | null {
  const name = 'project_name' in project ? project.project_name : null;
  return typeof name === 'string'
    ? name.slice(0, 200).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
    : null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function statusText(status: number): string {
  return status < 400 ? `status ${status}; redirects are not followed` : `status ${status}`;
}

function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`;
}

function ipsOf(project: string): string {
  return `${projectPath(project)}/ips`;
}

/** Every answer that Tasker asks for with its own token is a list. */
async function askAsTasker(http: ScanledgerHttp, token: string, question: Question): Promise<unknown[]> {
  const { status, body } = await http.send(token, question);
  if (status === 401 || status === 403)
    throw new PermanentError(
      `ScanLedger refuses Tasker's own token (${status}); check TASKER_AUTH_TOKEN: it must belong to an admin and not be expired`,
    );
  if (status === 404)
    throw new PermanentError(
      `ScanLedger does not know ${question.path.replace(/\?.*/, '')} (404); was the project deleted, is the base URL right, and does the user of TASKER_AUTH_TOKEN see every project?`,
    );
  if (status >= 300)
    throw new PermanentError(
      `ScanLedger answered ${question.path} with ${statusText(status)}; check SCANLEDGER_BASE_URL and its version`,
    );
  if (!Array.isArray(body)) throw http.nonsense(question.path, 'not a list');
  return body;
}
