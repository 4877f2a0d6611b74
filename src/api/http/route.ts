import type { Request, Response } from 'express';
import type Joi from 'joi';
import type { AuditFile } from '../../adapters/audit/auditFile.ts';
import type { Caller } from '../../adapters/auth/caller.ts';
import type { InstallationRules } from '../../adapters/scopeRules/installationRules.ts';
import type { Config } from '../../config/config.ts';
import type { Flows } from '../../flows/flows.ts';
import type { Warning } from '../../model/submission.ts';
import type { Queries } from '../../queries/queries.ts';
import type { Compute } from '../../runtime/compute.ts';
import type { Service } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { LoginLimiter } from '../auth/loginLimiter.ts';
import type { Credentials } from '../auth/shown.ts';
import type { ProjectsOfCallers } from '../auth/visibleProjects.ts';
import type { SharedBudget } from '../body/sharedBudget.ts';
import type { EventFeed } from '../events/eventFeed.ts';
import type { Tag } from '../openapi/introduction.ts';
import type { AnswerRoom } from '../scans/answerRoom.ts';
import type { ConsoleFiles } from '../system/consoleFiles.ts';
import type { Readiness } from '../system/readiness.ts';
import type { ErrorCode, ErrorStatus } from './errorCodes.ts';
import type { ValidationError } from './validationErrors.ts';

/** What a handler answers with: a JSON body, or the pieces of one that is too long to hold. A `Content-Type` among the headers says that the pieces are no JSON. */
export type HttpResponse = ErrorResponse | SuccessResponse;

type SuccessResponse = { status: 200 | 202; headers?: Readonly<Record<string, string>> } & (
  | { body: object }
  | { stream: AsyncIterable<string> | Iterable<string> }
);

/** Made by `apiError` in httpErrors.ts. */
export interface ErrorResponse {
  status: ErrorStatus;
  headers: Readonly<Record<string, string>>;
  body: { detail: string | readonly ValidationError[]; code: ErrorCode };
}

/** Whether a service answers, for `/ready`. */
export interface Check {
  /** Nothing can be served without it. */
  needed: boolean;
  /** Rejects when the service does not answer. */
  check(): Promise<void>;
  /** What will soon be in the way of one that answers. */
  warnings?(): Promise<readonly Warning[]>;
}
export type Checks = Readonly<Partial<Record<Service | 'audit file', Check | undefined>>>;

/** What handlers work with, the same for every call. */
export interface Services {
  config: Config;
  log: Logger;
  flows: Flows;
  queries: Queries;
  logins: LoginLimiter;
  visible: ProjectsOfCallers;
  feed: EventFeed;
  /** undefined: it is not built. */
  console: ConsoleFiles | undefined;
  readiness: Readiness;
  /** Threads, for what would hold up the other requests. */
  compute: Compute;
  answerRoom: AnswerRoom;
  bodyRoom: SharedBudget;
  /** The same for those of whom nothing is known yet. */
  loginRoom: SharedBudget;
  /** So long a caller may send nothing of its body. */
  bodyIdleMs: number;
  installationRules: InstallationRules;
  /** undefined: the audit trail is in Redis only. */
  auditFile?: AuditFile | undefined;
  /** Aborted when the server stops: whoever waits answers with what is known. */
  closing: AbortSignal;
}

/** One request. */
export interface RequestContext {
  req: Request;
  res: Response;
  params: Readonly<Record<string, string>>;
  log: Logger;
  /** `Date.now()` when the request came in. */
  startedAt: number;
  /** Aborted, with a HungUpError, when the caller does not wait for the answer any more. */
  signal: AbortSignal;
  /** Has something done when the answer is through, or nobody waits for it and nothing is made for it any more. */
  afterwards(done: () => void): void;
}
/** Whoever shows a token is known by it; others may call too. */
export interface PublicContext extends RequestContext {
  caller?: Caller;
}
export interface UserContext extends RequestContext {
  caller: Caller;
  /** By what the caller is known. */
  credentials: Credentials;
}
/** The caller may see this project; it is a lower-case UUID with hyphens. */
export interface ProjectContext extends UserContext {
  project: string;
}

export type Handler<C extends RequestContext> = (context: C, services: Services) => Promise<HttpResponse>;

/** An answer as the documentation shows it. */
export interface DocumentedResponse {
  description: string;
  schema: Joi.Schema;
  example: object;
  /** The same in other media types, for callers that accept them: an example of each. */
  texts?: Readonly<Record<string, string>>;
}

interface RouteDocs {
  /** Programs are generated from it: it stays what it is. */
  operationId: string;
  tag: Tag;
  summary: string;
  description?: string;
  body?: { schema: Joi.Schema; example: object };
  /** Parameters behind the `?`. */
  query?: Joi.ObjectSchema;
  /** With status 200. */
  answer: DocumentedResponse;
  /** With status 202. */
  accepted?: DocumentedResponse;
  /** Beside those that follow from what the route is; see errorResponses.ts. */
  errors?: readonly ErrorCode[];
  /** Those that tell more than `detail` and `code`, by status. */
  errorBodies?: Readonly<Partial<Record<ErrorStatus, Pick<DocumentedResponse, 'schema' | 'example'>>>>;
}

/**
 * One line of the route table. Its kind of auth decides which handler fits. `isPlanned`: what it takes in is planned, and
 * there is room for so much of that at once. `acts`: a GET that changes something. `untraced`: it is asked again and again, or
 * never ends, so that it begins no trace.
 */
export type Route = RouteDocs & {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: `/${string}`;
  isPlanned?: true;
  acts?: true;
  untraced?: true;
} & (
    | { auth: 'none'; handler: Handler<RequestContext> }
    | { auth: 'anybody'; handler: Handler<PublicContext> }
    | { auth: 'user'; handler: Handler<UserContext> }
    | {
        auth: 'project';
        /** Admins may call it for a project that is deleted, as long as there is work of it. */
        evenDeleted?: true;
        handler: Handler<ProjectContext>;
      }
  );
