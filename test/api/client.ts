import { scan as smallScan } from '../support/tasker.ts';
import { bearer, PROJECT, TOKENS, type testServer } from './testServer.ts';

/** A request that is valid and asks for little. */
export const SCAN = smallScan(['9.9.9.9']);
export type TestServer = Awaited<ReturnType<typeof testServer>>;

/** Any request, its answer read. */
export async function call(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text ? JSON.parse(text) : undefined,
  };
}

/** POST run-nmap; an object is sent as JSON. */
export function scan({ url }: { url: string }, body: unknown = SCAN, token = TOKENS.admin, headers = {}) {
  return call(`${url}/tasks/${PROJECT}/run-nmap`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}
