import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';

export async function workersAtWork(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
