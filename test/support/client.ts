import request from 'supertest';
import { expectRules } from './answerRules.ts';
import { scan as smallScan } from './tasker.ts';
import { bearer, PROJECT, TOKENS, type testServer } from './testServer.ts';

/** A request that is valid and asks for little. */
export const SCAN = smallScan(['9.9.9.9']);
export type TestServer = Awaited<ReturnType<typeof testServer>>;

const METHODS = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
} as const;

export interface Request {
  method?: keyof typeof METHODS;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is: no type is added to it. */
  body?: string | Uint8Array;
}

/** Any request, its answer read; a redirect is not followed. `body` is what a JSON answer says. */
export async function call(url: string, { method = 'GET', headers = {}, body }: Request = {}) {
  const { origin, pathname, search } = new URL(url);
  const asked = request(origin)
    [METHODS[method]](pathname + search)
    .set(headers);
  // superagent would give a text a type of its own, and write bytes as JSON.
  if (body !== undefined) asked.serialize((bytes) => bytes).send(Buffer.from(body));
  const answer = await asked;
  if (method !== 'HEAD') expectRules(pathname, answer.status, answer.type, answer.body);
  return { status: answer.status, headers: answer.headers, text: answer.text, body: answer.body };
}

/** POST run-nmap; an object is sent as JSON. */
export function scan({ url }: { url: string }, body: unknown = SCAN, token = TOKENS.admin, headers = {}) {
  return call(`${url}/tasks/${PROJECT}/run-nmap`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}
