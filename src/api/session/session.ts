import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';

export async function logIn(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
export async function currentSession(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
export async function logOut(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
export async function makeLink(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
