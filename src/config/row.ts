/** What a row of the table of variables is made of. */
import Joi from 'joi';
import { keyFile, type ValueType } from './formats.ts';

export interface Row<T> extends ValueType<T> {
  meaning: string;
  /** As the documentation shows it; empty when there is none. */
  default: string;
  secret?: boolean;
}

/** `value` may follow from other variables, as typed; `shown` says how. */
export function given<T extends string | number | boolean>(
  type: ValueType<T>,
  value: NoInfer<T> | ((typed: Record<string, string>) => NoInfer<T>),
  meaning: string,
  shown = String(value),
): Row<T> {
  return { ...type, schema: type.schema.default(value), meaning, default: shown };
}

export function optional<T>(type: ValueType<T>, meaning: string): Row<T | undefined> {
  return { ...type, meaning, default: '' };
}

export function secret<T>(row: Row<T>): Row<T> {
  return { ...row, secret: true };
}

/** Adds a rule that holds while `other` matches. (`not … otherwise`: an object with a `then` is a promise to JavaScript.) */
function rule<T>(row: Row<T>, other: string, matches: Joi.Schema, holds: Joi.Schema): Row<T> {
  return { ...row, schema: row.schema.when(other, { not: matches, otherwise: holds }) };
}

export function neededBy<T>(row: Row<T>, other: string, value?: string): Row<T> {
  const matches = value === undefined ? Joi.exist() : Joi.valid(value).required();
  const because = value === undefined ? other : `${other} ${value}`;
  return rule(row, other, matches, Joi.required().messages({ 'any.required': `${because} needs it` }));
}

export function refusedWhen<T>(row: Row<T>, other: string, matches: Joi.Schema, because: string): Row<T> {
  return rule(row, other, matches, Joi.forbidden().messages({ 'any.unknown': because }));
}

export function goesWith<T>(row: Row<T>, other: string): Row<T> {
  return refusedWhen(row, other, Joi.forbidden(), `it goes with ${other}, which is missing`);
}

/** `certificate` is the variable with the path of its certificate. */
export function keyOf(certificate: string): Row<string | undefined> {
  return goesWith(
    neededBy(optional(keyFile, `Path of the key of ${certificate}.`), certificate),
    certificate,
  );
}
