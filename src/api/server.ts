import { once, setMaxListeners } from 'node:events';
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { AuditFile } from '../adapters/audit/auditFile.ts';
import { lostTo } from '../adapters/audit/entry.ts';
import type { Auth } from '../adapters/auth/caller.ts';
import type { InstallationRules } from '../adapters/scopeRules/installationRules.ts';
import type { Config } from '../config/config.ts';
import type { Flows } from '../flows/flows.ts';
import type { Queries } from '../queries/queries.ts';
import { Closers } from '../runtime/closers.ts';
import type { Compute } from '../runtime/compute.ts';
import type { Logger } from '../runtime/log.ts';
import type { Tracing } from '../runtime/tracing.ts';
import { LoginLimiter } from './auth/loginLimiter.ts';
import { refusedLogins } from './auth/refusedLogins.ts';
import { ProjectsOfCallers } from './auth/visibleProjects.ts';
import { bodyRoom } from './body/requestBody.ts';
import { SharedBudget } from './body/sharedBudget.ts';
import { EventFeed } from './events/eventFeed.ts';
import { checkReaders } from './events/readerChecks.ts';
import { expressApp } from './expressApp.ts';
import { refuseTunnels } from './http/oneReading.ts';
import type { Checks } from './http/route.ts';
import { endStalledWrites } from './http/stalledWrites.ts';
import { openMetrics } from './metrics/openMetrics.ts';
import { admission } from './scans/admission.ts';
import { AnswerRoom } from './scans/answerRoom.ts';
import { consoleFiles } from './system/consoleFiles.ts';
import { Readiness } from './system/readiness.ts';

/** How long requests may go on once the server stops. */
const CLOSE_TIMEOUT_MS = 8_000;
/** How long a caller may take to send a request, body included. An answer may take as long as it needs. */
const REQUEST_TIMEOUT_MS = 120_000;
const HEADERS_TIMEOUT_MS = 20_000;
const BODY_IDLE_MS = 30_000;
/** Bytes of log-ins, which are short; no address gets more than its share. */
const LOGIN_ROOM = { most: 2 ** 22, share: 2 ** 18 };
/** Connections that may wait to be taken: those beyond it find out after a second, when they ask once more. */
const BACKLOG = 4_096;
const ANY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];
/** Longer than the minute that proxies keep theirs, so that it is they who let go. */
const KEEP_ALIVE_MS = 65_000;

export interface ServerOptions {
  config: Config;
  log: Logger;
  flows: Flows;
  queries: Queries;
  compute: Compute;
  auth: Auth;
  installationRules: InstallationRules;
  auditFile?: AuditFile | undefined;
  /** What `/ready` asks. */
  checks: Checks;
  tracing?: Tracing | undefined;
  /** Where the console is built; see consoleFiles. */
  consoleDirectory?: URL;
  /** Other limits than those of an installation. */
  limits?: ServerLimits;
}

interface ServerLimits {
  /** How long a caller may take nothing of an answer. @default 30000 */
  stalledMs?: number;
  /** How long a caller may send nothing of its body. @default 30000 */
  bodyIdleMs?: number;
  /** How often it is looked what changes, and who still may read it. */
  events?: { lookMs: number; checkMs: number };
  /** Of long answers; see AnswerRoom. */
  answers?: { most: number; waitMs: number };
}

/**
 * The HTTP API. `listen` rejects when the port is taken; `close` takes no more requests, lets those that run end
 * for some seconds, and is done within 10 s.
 */
export function createServer(options: ServerOptions): {
  listen(): Promise<{ url: string }>;
  close(): Promise<void>;
} {
  const { config, log, limits = {} } = options;
  const closers = new Closers(log);
  return {
    async listen() {
      const closing = new AbortController();
      // Thousands may wait for it at once: no leak.
      setMaxListeners(0, closing.signal);
      const planning = admission(config.maxPlanning, log);
      closers.push('admission', planning.close);
      const audit = { keep: config.auditKeep, file: options.auditFile, lost: lostTo(log) };
      const refused = refusedLogins(audit, (note) => options.flows.audit.note(note));
      closers.push('refused logins', refused.close);
      const metrics = openMetrics(options);
      if (metrics) closers.push('metrics', metrics.close);
      const logins = new LoginLimiter(options.auth);
      const visible = new ProjectsOfCallers(options.auth, options.queries.overview);
      const feed = new EventFeed({ ...options.queries, log }, limits.events?.lookMs);
      closers.push('events', () => feed.close());
      const readers = checkReaders(feed, { ...options, logins, visible }, limits.events?.checkMs);
      closers.push('readers of events', readers.close);
      const app = expressApp(
        {
          ...options,
          closing: closing.signal,
          ...{ logins, visible, feed },
          console: consoleFiles(options.consoleDirectory),
          readiness: new Readiness(options.checks, options.flows, log),
          answerRoom: new AnswerRoom(limits.answers),
          bodyRoom: bodyRoom(config),
          loginRoom: new SharedBudget(LOGIN_ROOM),
          bodyIdleMs: limits.bodyIdleMs ?? BODY_IDLE_MS,
        },
        { planning: planning.guard, refused: refused.watch, metrics, tracing: options.tracing },
      );

      const timeouts = {
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Node would refuse those without a host, and take what is sent behind them.
        requireHostHeader: false,
      };
      const server = config.tls
        ? createHttpsServer({ ...timeouts, ...config.tls }, app)
        : createHttpServer(timeouts, app);
      const closeServer = closerOf(server);
      refuseTunnels(server);
      closers.push('stalled writes', endStalledWrites(server, log, limits.stalledMs));
      const host = config.bindAddress;
      server.listen({ port: config.port, ...(host !== undefined && { host }), backlog: BACKLOG });
      await once(server, 'listening');
      closers.push('http server', closeServer);
      closers.push('waiting callers', () => closing.abort());
      const url = urlOf(server, config);
      log.info({ url }, 'listening');
      return { url };
    },
    close: () => closers.close(),
  };
}

function urlOf(server: Server, { tls, bindAddress }: Config): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const everywhere = bindAddress === undefined || ANY_ADDRESS.includes(bindAddress);
  const host = everywhere ? 'localhost' : isIPv6(bindAddress) ? `[${bindAddress}]` : bindAddress;
  return `${tls ? 'https' : 'http'}://${host}:${port}`;
}

/** Gives what closes the server. It has to see every request, so it is called before the first one. */
function closerOf(server: Server): () => Promise<void> {
  let running = 0;
  server.on('request', (_req, res: ServerResponse) => {
    running += 1;
    res.once('close', () => {
      running -= 1;
    });
  });
  return async () => {
    const closed = once(server, 'close');
    server.close();
    // Browsers open connections ahead that Node never calls idle: they go once no request runs any more.
    const idle = setInterval(() => {
      if (running === 0) server.closeAllConnections();
      else server.closeIdleConnections();
    }, 50);
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
    await closed;
    clearInterval(idle);
    clearTimeout(late);
  };
}
