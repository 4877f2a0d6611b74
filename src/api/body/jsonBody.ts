import { isAscii } from 'node:buffer';
import { messageOf } from '../../runtime/errors.ts';
import { type JsonLimits, tooManyValues } from '../../runtime/jsonSize.ts';
import type { ValidationError } from '../http/validationErrors.ts';

/**
 * An exclusion may be an object, and there are 20,000 at most; a target takes eight characters or more, so no list that
 * fits is longer.
 */
const LIMITS: JsonLimits = { nested: 100_000, values: 5_000_000 };

/** JSON out of strict UTF-8. What is wrong otherwise is a problem of the caller's. */
export function parseJson(
  body: Uint8Array,
): { ok: true; value: unknown } | { ok: false; problem: ValidationError } {
  if (body.length === 0) return { ok: false, problem: bodyProblem('missing', 'Field required') };
  const tooMany = tooManyValues(body, LIMITS);
  if (tooMany !== undefined)
    return { ok: false, problem: bodyProblem('too_many_values', `the body has ${tooMany}`) };
  let text: string;
  try {
    text = isAscii(body) ? asciiText(body) : new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return {
      ok: false,
      problem: bodyProblem('json_invalid', 'JSON decode error: the body is not valid UTF-8'),
    };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const problem = bodyProblem('json_invalid', `JSON decode error: ${messageOf(error)}`);
    const position = /at position (\d+)/.exec(problem.msg)?.[1];
    if (position !== undefined) problem.loc.push(Number(position));
    return { ok: false, problem };
  }
}

/** The short way for what most bodies are. */
function asciiText({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/** A problem with the body as a whole. */
export function bodyProblem(type: string, msg: string, input: unknown = null): ValidationError {
  return { type, loc: ['body'], msg, input };
}
