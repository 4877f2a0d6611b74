import type { components, operations } from './api.d.ts';
import { OPERATIONS } from './operations.ts';

/** An object of the API by its name in the document: `Schema<'ScanAnswer'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];
export type Operation = keyof operations & keyof typeof OPERATIONS;

type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: B }
  : unknown;
type Path<O> = O extends { parameters: { path: infer P } } ? { path: P } : unknown;
type Query<O> = O extends { parameters: { query?: infer Q } } ? { query?: Q } : unknown;

/** What an operation is asked with. */
export type Asked<Name extends Operation> = Path<operations[Name]> &
  Query<operations[Name]> &
  Body<operations[Name]>;

type Json<R> = R extends { content: { 'application/json': infer B } } ? B : never;
type Answers<O> = O extends { responses: infer R } ? R : never;
/** What it answers with when it was done, or begun (202). */
export type Answer<Name extends Operation> = {
  [Status in keyof Answers<operations[Name]>]: Status extends 200 | 202
    ? Json<Answers<operations[Name]>[Status]>
    : never;
}[keyof Answers<operations[Name]>];

/** What the API answers with when it does not do what was asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /** @param body the answer as it came; not always ours: a proxy may have made it */
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly retryAfterS: number | undefined,
  ) {
    super(detailOf(body) ?? `The server answers with status ${status}`);
  }

  /** One of the codes in docs/errors.md. */
  get code(): Schema<'ErrorCode'> | undefined {
    return field(this.body, 'code') as Schema<'ErrorCode'> | undefined;
  }
}

/** Somebody answers, and it is not Tasker: a proxy, or another program at this address. */
export class ForeignAnswer extends Error {
  override readonly name = 'ForeignAnswer';

  constructor(readonly status: number) {
    super(`what answers is not Tasker (status ${status}, no JSON)`);
  }
}

export interface CallOptions {
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
}

/** How requests are sent. The global `fetch` is one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Client {
  /** @throws ApiError when it is refused; ForeignAnswer; what `fetch` throws when nobody answers */
  call<Name extends Operation>(
    name: Name,
    asked: Asked<Name>,
    options?: CallOptions,
  ): Promise<{ status: number; answer: Answer<Name> }>;
  /** The same, for answers that are long or no JSON: `headers.accept` chooses. */
  open<Name extends Operation>(name: Name, asked: Asked<Name>, options?: CallOptions): Promise<Response>;
}

interface Parts {
  path?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
}

/**
 * Calls the API by the names of its operations.
 *
 * @param url without a path; empty: where the page comes from
 * @param headers sent with each call: who calls
 * @param send the global one is looked up with each call
 */
export function createClient(
  url: string,
  headers: () => Readonly<Record<string, string>>,
  send: Fetch = (address, init) => fetch(address, init),
): Client {
  const open: Client['open'] = async (name, asked, options = {}) => {
    const { path, query, body } = asked as Parts;
    const { method } = OPERATIONS[name];
    const response = await send(url + addressOf(OPERATIONS[name].path, path, query), {
      method,
      headers: {
        ...headers(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(options.signal && { signal: options.signal }),
    });
    if (response.ok) return response;
    throw new ApiError(response.status, jsonOf(await response.text()), retryAfterOf(response.headers));
  };
  return {
    open,
    async call<Name extends Operation>(name: Name, asked: Asked<Name>, options?: CallOptions) {
      const response = await open(name, asked, options);
      const answer = jsonOf(await response.text());
      if (typeof answer !== 'object') throw new ForeignAnswer(response.status);
      return { status: response.status, answer: answer as Answer<Name> };
    },
  };
}

function addressOf(path: string, names: Parts['path'] = {}, query: Parts['query'] = {}): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.append(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** Seconds. A date, which proxies may write, is not read. */
function retryAfterOf(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d+$/.test(seconds) ? Number(seconds) : undefined;
}

/** Text that is no JSON stays as it is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `detail` is a sentence, or a list of what is wrong. */
function detailOf(body: unknown): string | undefined {
  const detail = field(body, 'detail');
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return undefined;
  return detail.map((one) => `${placeOf(one)}: ${field(one, 'msg')}`).join('\n');
}

/** Where in the request, without the word for the part of it. */
function placeOf(problem: unknown): string {
  const loc = field(problem, 'loc');
  return Array.isArray(loc) ? loc.slice(1).join('.') : '';
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}
