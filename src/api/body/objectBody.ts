import type Joi from 'joi';
import { invalid } from '../http/httpErrors.ts';
import type { HttpResponse, PublicContext, Services } from '../http/route.ts';
import { problemOf } from '../http/validationErrors.ts';
import { bodyProblem, parseJson } from './jsonBody.ts';
import { readBody } from './requestBody.ts';

const LIMIT = { bytes: 2 ** 16, name: 'a body of this route' };
const OPTIONS = { abortEarly: false, errors: { wrap: { label: false, array: false } } } as const;

/** A small JSON object, checked. A field that the route does not know is an error: it may be a mistyped one. `empty`: what no body means. */
export async function readObject<Value>(
  context: PublicContext,
  services: Pick<Services, 'bodyRoom' | 'bodyIdleMs'>,
  schema: Joi.ObjectSchema<Value>,
  empty?: Value,
): Promise<{ ok: true; value: Value } | { ok: false; answer: HttpResponse }> {
  const body = await readBody(context, services, LIMIT);
  if (!body.ok) return body;
  if (empty !== undefined && body.bytes.length === 0) {
    body.done();
    return { ok: true, value: empty };
  }
  const parsed = parseJson(body.bytes);
  body.done();
  if (!parsed.ok) return { ok: false, answer: invalid([parsed.problem]) };
  if (parsed.value === null)
    return { ok: false, answer: invalid([bodyProblem('missing', 'Field required')]) };
  const { value, error } = schema.validate(parsed.value, OPTIONS);
  if (error === undefined) return { ok: true, value };
  return { ok: false, answer: invalid(error.details.map((item) => problemOf(item))) };
}
