import { readBody } from '../body/requestBody.ts';
import { invalid } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { readCheck } from '../intake/bodyReader.ts';

/** POST /tasks/{project_id}/check-entries */
export async function checkEntries(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { maxBodyBytes, maxTargets, allowSingleLabel } = services.config;
  const body = await readBody(context, services, { bytes: maxBodyBytes, name: 'MAX_BODY' });
  if (!body.ok) return body.answer;
  const check = await readCheck(services.compute, body.bytes, { maxTargets, allowSingleLabel });
  body.done();
  return check.ok ? { status: 200, body: check.checked } : invalid(check.detail);
}
