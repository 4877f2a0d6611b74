import type { ScanledgerConfig } from '../config.ts';
import { GiveUpError } from '../errors.ts';
import {
  createScanledgerHttp,
  type Question,
  type ScanledgerHttp,
  type TimeLimits,
} from './scanledgerHttp.ts';

export interface KnownHost {
  ip: string;
  hostnames: string[];
}

/** What a ledger can do for us: say what is known, and take host names. */
export interface Ledger {
  /**
   * The known hosts of a project, in pages of up to 1,000. While somebody writes, pages shift: a host may come
   * twice or not at all. Throws AwayError('ledger'), GiveUpError, or the signal's reason.
   */
  knownHosts(project: string, signal?: AbortSignal): AsyncGenerator<KnownHost[]>;
  /** Merges host names into the records of their addresses. Throws like `knownHosts`; repeating it does no harm. */
  addHostnames(project: string, hosts: readonly KnownHost[], signal?: AbortSignal): Promise<void>;
  /** Throws AwayError('ledger') when ScanLedger does not answer, GiveUpError when it refuses our token. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const PAGE = 1000;
const CHUNK = 500;

/** ScanLedger as the ledger, with Tasker's own token. Opens no connection before the first call. */
export function createScanledger(config: ScanledgerConfig, limits?: TimeLimits): Ledger {
  const http = createScanledgerHttp({ ...config, service: 'ledger', limits });
  const ask = (question: Question) => askAsTasker(http, config.token, question);
  return {
    async *knownHosts(project, signal) {
      for (let skip = 0; ; skip += PAGE) {
        const path = `${ipsOf(project)}?has_ports=false&skip=${skip}&limit=${PAGE}`;
        const hosts = (await ask({ path, signal })).map((item) => knownHost(http, path, item));
        if (hosts.length > 0) yield hosts;
        if (hosts.length < PAGE) return;
      }
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
 * Whether the bearer of this token may see the project; `unknown` when ScanLedger says that there is none.
 * Throws AwayError of the client's service when the answer is neither.
 */
export async function projectAccess(
  http: ScanledgerHttp,
  callerToken: string,
  project: string,
): Promise<'allowed' | 'denied' | 'unknown'> {
  const path = projectPath(project);
  const { status } = await http.send(callerToken, { path });
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'unknown';
  if (status !== 200) throw http.nonsense(path, `status ${status}`);
  return 'allowed';
}

/**
 * The projects of this token's user, unchecked; undefined when ScanLedger does not know the token.
 * Throws like `projectAccess`.
 */
export async function listProjects(
  http: ScanledgerHttp,
  callerToken: string,
): Promise<unknown[] | undefined> {
  const path = '/projects';
  const { status, body } = await http.send(callerToken, { path });
  if (status === 401 || status === 403) return undefined;
  if (status !== 200) throw http.nonsense(path, `status ${status}`);
  if (!Array.isArray(body)) throw http.nonsense(path, 'not a list');
  return body;
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
    throw new GiveUpError(
      `ScanLedger refuses Tasker's own token (${status}); check TASKER_AUTH_TOKEN: it must belong to an admin and not be expired`,
    );
  if (status === 404)
    throw new GiveUpError(
      `ScanLedger does not know ${question.path.replace(/\?.*/, '')} (404); was the project deleted, is the base URL right, and does the user of TASKER_AUTH_TOKEN see every project?`,
    );
  if (status >= 300)
    throw new GiveUpError(
      `ScanLedger answered ${status} to ${question.path}; check its base URL and its version`,
    );
  if (!Array.isArray(body)) throw http.nonsense(question.path, 'not a list');
  return body;
}

function knownHost(http: ScanledgerHttp, path: string, item: unknown): KnownHost {
  if (typeof item === 'object' && item !== null && 'ip' in item && typeof item.ip === 'string') {
    const hostnames: unknown = ('hostnames' in item ? item.hostnames : undefined) ?? [];
    if (Array.isArray(hostnames) && hostnames.every((name) => typeof name === 'string'))
      return { ip: item.ip, hostnames };
  }
  throw http.nonsense(path, 'an item without ip and hostnames');
}
