import type { Request } from 'express';
import type Joi from 'joi';
import { invalid } from './apiErrors.ts';
import { problemOf } from './problems.ts';
import type { Answer } from './route.ts';

const OPTIONS = {
  abortEarly: false,
  stripUnknown: true,
  errors: { wrap: { label: false, array: false } },
} as const;

/** The parameters behind the `?`, checked; those that the route does not know are ignored. A name given twice counts once, the last one. */
export function readQuery<Value>(
  req: Request,
  schema: Joi.ObjectSchema<Value>,
): { ok: true; value: Value } | { ok: false; answer: Answer } {
  const mark = req.originalUrl.indexOf('?');
  const typed = Object.fromEntries(new URLSearchParams(mark === -1 ? '' : req.originalUrl.slice(mark)));
  const { value, error } = schema.validate(typed, OPTIONS);
  if (error === undefined) return { ok: true, value };
  return { ok: false, answer: invalid(error.details.map((item) => problemOf(item, 'query'))) };
}
