import type { Request } from 'express';
import type Joi from 'joi';
import { invalid } from './httpErrors.ts';
import type { HttpResponse } from './route.ts';
import { problemOf } from './validationErrors.ts';

const OPTIONS = {
  abortEarly: false,
  stripUnknown: true,
  errors: { wrap: { label: false, array: false } },
} as const;

/** The parameters behind the `?`, checked; those that the route does not know are ignored. A name given twice counts once, the last one. */
export function readQuery<Value>(
  req: Request,
  schema: Joi.ObjectSchema<Value>,
): { ok: true; value: Value } | { ok: false; answer: HttpResponse } {
  const typed = Object.fromEntries(queryOf(req));
  const { value, error } = schema.validate(typed, OPTIONS);
  if (error === undefined) return { ok: true, value };
  return { ok: false, answer: invalid(error.details.map((item) => problemOf(item, 'query'))) };
}

export function queryOf({ originalUrl }: Request): URLSearchParams {
  const mark = originalUrl.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : originalUrl.slice(mark));
}
